-- KEYS: ticket, its tombstone, tickets of the account, mints of the account
-- ARGV: head, tag, account, ticket id, postcard, '+' and guard or none, code hash or none, life,
--       memory of the dead, channel, tickets alive, time apart, mints in an hour, in a day
local HOUR, DAY = 3600000, 86400000
local expires = redis.call('HGET', KEYS[1], 'x')
if expires then
    return { 1, tonumber(expires) }
end
if redis.call('EXISTS', KEYS[2]) == 1 then
    local kind, at = death(KEYS[2])
    return { 2, kind or 4, at or now }
end
local hour, day = 0, 0
local mints = redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. now - DAY, '+inf', 'WITHSCORES')
for at = 1, #mints, 2 do
    local age = now - mints[at + 1]
    if age < tonumber(ARGV[12]) then
        return { 3 }
    end
    if mints[at]:sub(1, 1) == ARGV[10] then
        day = day + 1
        hour = hour + (age < HOUR and 1 or 0)
    end
end
if hour >= tonumber(ARGV[13]) or day >= tonumber(ARGV[14]) then
    return { 3 }
end
local alive, free = 0, {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    local name = key('r:', id)
    if redis.call('EXISTS', name) == 1 then
        alive = alive + 1
        if tonumber(redis.call('HGET', name, 'u') or 0) <= now then
            free[#free + 1] = id
        end
    end
end
local surplus = alive - math.max(ARGV[11], 1) + 1
if surplus > #free then
    return { 3 }
end
-- The first write is one that a full server refuses, so nothing is ever half done.
expires = now + ARGV[8]
redis.call('SET', KEYS[2], struct.pack('>BBI8', 1, 2, expires), 'PX', ARGV[8] + ARGV[9])
redis.call('HSET', KEYS[1], 'b', ARGV[5], 'a', ARGV[3], 'i', now, 'x', expires, 'w', 0, 'n', 0)
if ARGV[6] ~= '' then
    redis.call('HSET', KEYS[1], 'g', ARGV[6]:sub(2))
end
if ARGV[7] ~= '' then
    redis.call('HSET', KEYS[1], 'c', ARGV[7])
end
redis.call('PEXPIRE', KEYS[1], ARGV[8])
for at = 1, surplus do
    bury(free[at], 3, ARGV[9])
    redis.call('ZREM', KEYS[3], free[at])
end
redis.call('ZADD', KEYS[3], now, ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - DAY)
redis.call('PEXPIRE', KEYS[3], DAY)
redis.call('ZADD', KEYS[4], now, ARGV[10] .. ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - DAY)
redis.call('PEXPIRE', KEYS[4], DAY)
return { 0, expires }
