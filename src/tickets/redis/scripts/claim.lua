-- KEYS: ticket, its tombstone
-- ARGV: head, tag, attempt, lease, refusals it outlives
local value = redis.call('HMGET', KEYS[1], 'b', 'g', 'i', 'x', 'h', 'u', 'n')
if not known(value[1]) then
    local kind, at = death(KEYS[2])
    return kind and { 2, kind, at } or { 3 }
end
if tonumber(value[7]) >= tonumber(ARGV[5]) then
    return { 4 }
end
if value[5] and value[5] ~= ARGV[3] and tonumber(value[6]) > now then
    return { 1 }
end
-- The deletion comes first: a full server allows it, and then the rest.
redis.call('HDEL', KEYS[1], 'l')
redis.call('HSET', KEYS[1], 'h', ARGV[3], 'u', now + ARGV[4])
return { 0, value[1], value[2], tonumber(value[3]), tonumber(value[4]) }
