-- KEYS: session, index, account epoch, account record, ticket (or none)
-- ARGV: head, tag, idle, life at most, warn, account, session body, session id, record,
--       sessions indexed, sessions before a cut, margin of the epoch, memory of dead links or none when they live on,
--       how long devices are known, how long the end of a realm is, ticket, its ttl
-- Beside KEYS: what the account's known devices carry, and its reset tickets. Answers the former; 0 when
-- it is over before it begins. The first write is one that a full server refuses, so nothing is ever half done.
local hard = now + ARGV[4]
local ttl = math.min(tonumber(ARGV[3]), hard - now)
if ttl <= 0 then
    return 0
end
-- The first session since all were ended lends its name, which is random: never a time.
local ended, of_realm = realm_end(ARGV[7])
local function of_now(value)
    return value and value:sub(9) == ended and value:sub(1, 8)
end
local epoch = of_now(redis.call('GET', KEYS[3])) or ARGV[8]:sub(9, 16)
local rest = math.max(redis.call('PTTL', KEYS[3]), hard - now + ARGV[12])
local head = struct.pack('>BBI8I8I8', 1, tonumber(ARGV[5]), now, hard, tonumber(ARGV[3]))
redis.call('SET', KEYS[3], epoch .. ended, 'PX', rest)
redis.call('SET', KEYS[1], head .. epoch .. ARGV[6] .. ARGV[7], 'PX', ttl)
redis.call('SET', KEYS[4], ARGV[9], 'PX', rest)
if KEYS[5] then
    redis.call('SET', KEYS[5], ARGV[16], 'PX', ARGV[17])
end
if ARGV[13] ~= '' then
    revoke(ARGV[6], 4, ARGV[13])
end
local cap, most = tonumber(ARGV[10]), tonumber(ARGV[11])
redis.call('ZADD', KEYS[2], hard, ARGV[8])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) > most then
    for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
        local s, strange = session(key('t:', id))
        if not s and not strange then
            redis.call('ZREM', KEYS[2], id)
        end
    end
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -cap - 1)
end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[2], math.max(last[2] - now, 1))
-- The session that makes it lends its name.
local devices = of_now(redis.call('GET', key('g:', ARGV[6]))) or ARGV[8]:sub(1, 8)
redis.call('SET', key('g:', ARGV[6]), devices .. ended, 'PX', ARGV[14])
if ended ~= '' then
    -- It outlives what was written since.
    redis.call('PEXPIRE', of_realm, ARGV[15])
end
return devices
