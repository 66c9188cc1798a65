-- ARGV: entry id, how often it was taken when its holder took it, delay, life
local value = redis.call('HGET', KEYS[2], ARGV[1])
if value and value:byte(1) == 1 and struct.unpack('>I4', value, 2) == tonumber(ARGV[2]) then
    local due = now + ARGV[3]
    redis.call('ZREM', KEYS[1], ARGV[1])
    redis.call('ZADD', KEYS[1], due, ARGV[1])
    keep(due, ARGV[4])
    return 1
end
return 0
