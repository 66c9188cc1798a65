-- KEYS: session, PGT, the session's PGTs
-- ARGV: head, tag, the PGT's value, its id, how many of a session are kept, how long at most (0: as
-- long as the session)
local s = session(KEYS[1])
if not s then
    return 0
end
local rest = hard(s) - time()
if rest <= 0 then
    return 0
end
local again = redis.call('EXISTS', KEYS[2]) == 1
local longest = tonumber(ARGV[6])
redis.call('SET', KEYS[2], ARGV[3], 'PX', longest > 0 and math.min(longest, rest) or rest)
if not again then
    redis.call('RPUSH', KEYS[3], ARGV[4])
    for _, oldest in ipairs(redis.call('LRANGE', KEYS[3], 0, -ARGV[5] - 1)) do
        redis.call('DEL', key('p:', oldest))
    end
    redis.call('LTRIM', KEYS[3], -ARGV[5], -1)
    redis.call('PEXPIRE', KEYS[3], rest)
end
return 1
