-- KEYS: ticket, its tombstone
-- ARGV: head, tag, attempt, ticket id, memory of the dead
local value = redis.call('HMGET', KEYS[1], 'b', 'h', 'a')
if not known(value[1]) then
    local tombstone = redis.call('GET', KEYS[2])
    local mine = known(tombstone) and tombstone:sub(11) == ARGV[3]
    return mine and 0 or 1
end
if value[2] ~= ARGV[3] then
    return 1
end
revoke(value[3], 1, ARGV[5])
bury(ARGV[4], 1, ARGV[5], ARGV[3])
return 0
