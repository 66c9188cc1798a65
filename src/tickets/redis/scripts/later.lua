-- ARGV: entry id, how often it was taken when its holder took it, delay, life
local entry = read(redis.call('HGET', KEYS[2], ARGV[1]))
if entry and entry.taken == tonumber(ARGV[2]) then
    local due = now + ARGV[3]
    redis.call('ZREM', KEYS[1], ARGV[1])
    redis.call('ZADD', KEYS[1], due, ARGV[1])
    entry.held = 0
    write(ARGV[1], entry)
    keep(due, ARGV[4])
    return 1
end
return 0
