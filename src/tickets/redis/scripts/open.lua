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
local before = of_now(redis.call('GET', KEYS[3]))
local epoch = before or ARGV[8]:sub(9, 16)
local rest = math.max(redis.call('PTTL', KEYS[3]), hard - now + ARGV[12])
local head = struct.pack('>BBI8I8I8', 1, tonumber(ARGV[5]), now, hard, tonumber(ARGV[3]))
redis.call('SET', KEYS[3], epoch .. ended, 'PX', rest)
if not before then
    -- Whom it names is dead.
    redis.call('DEL', KEYS[2])
end
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
    local left_out
    local named = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
    for at = 1, #named, 2 do
        local s, strange = session(key('t:', named[at]))
        if named[at] == CUT then
            left_out = named[at + 1]
        end
        if not s and not strange then
            redis.call('ZREM', KEYS[2], named[at])
        end
    end
    local latest = redis.call('ZRANGE', KEYS[2], -cap - 1, -cap - 1, 'WITHSCORES')[2]
    if latest then
        redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -cap - 1)
        left_out = math.max(left_out or 0, latest)
    end
    if left_out then
        redis.call('ZADD', KEYS[2], left_out, CUT)
    end
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
