-- ARGV: entry id, bytes, delay, entries at most, life, 1 if a full server has to take it
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
    return 1
end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
    return 0
end
if ARGV[6] == '1' then
    -- The first write is a deletion, which a full server still allows, and then it allows the others.
    redis.call('HDEL', KEYS[2], '')
end
local due = now + ARGV[3]
write(ARGV[1], { taken = 0, lapsed = 0, held = 0, pushed = now, bytes = ARGV[2] })
redis.call('ZADD', KEYS[1], due, ARGV[1])
keep(due, ARGV[5])
return 1
