-- ARGV: entry id, bytes, delay, entries at most, life
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
    return 1
end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
    return 0
end
local due = now + ARGV[3]
redis.call('HSET', KEYS[2], ARGV[1], struct.pack('>BI4I8', 1, 0, now) .. ARGV[2])
redis.call('ZADD', KEYS[1], due, ARGV[1])
keep(due, ARGV[5])
return 1
