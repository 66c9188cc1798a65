-- KEYS: counts of a network, its distinct failing names
-- ARGV: window, 'failed' or 'succeeded', name; or none to look only
if ARGV[1] then
    local fresh = redis.call('EXISTS', KEYS[1]) == 0
    redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
    if ARGV[2] == 'failed' then
        redis.call('PFADD', KEYS[2], ARGV[3])
    end
    if fresh then
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
    end
    redis.call('PEXPIRE', KEYS[2], math.max(redis.call('PTTL', KEYS[1]), 1))
end
local counts = redis.call('HMGET', KEYS[1], 'succeeded', 'failed')
return { tonumber(counts[1] or 0), tonumber(counts[2] or 0), redis.call('PFCOUNT', KEYS[2]) }
