-- KEYS: ticket
-- ARGV: head, tag, attempt, 1 for a refusal, '+' and new guard or none, refusals it outlives
local value = redis.call('HMGET', KEYS[1], 'b', 'h', 'l', 'n')
if not known(value[1]) then
    return { 1 }
end
local refusals = tonumber(value[4])
if value[3] ~= ARGV[3] then
    if value[2] ~= ARGV[3] then
        return { 1 }
    end
    refusals = refusals + ARGV[4]
    redis.call('HDEL', KEYS[1], 'h', 'u')
    redis.call('HSET', KEYS[1], 'l', ARGV[3], 'n', refusals)
    if ARGV[5] ~= '' then
        redis.call('HSET', KEYS[1], 'g', ARGV[5]:sub(2))
    end
end
return { 0, math.max(ARGV[6] - refusals, 0) }
