-- KEYS: pending change, its tombstone. ARGV: attempt, life of the tombstone
local tombstone = redis.call('GET', KEYS[2])
if tombstone then
    return tombstone:byte(1) == 1 and tombstone:sub(2, 17) == ARGV[1] and tombstone:sub(18)
end
local value = redis.call('GET', KEYS[1])
if not value then
    return false
end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '\1' .. ARGV[1] .. value, 'PX', ARGV[2])
return value
