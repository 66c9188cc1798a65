-- KEYS: ticket, its tombstone
local value = redis.call('HMGET', KEYS[1], 'b', 'g', 'i', 'x', 'u')
if known(value[1]) then
    if tonumber(value[5] or 0) > now then
        return { 1 }
    end
    return { 0, value[1], value[2], tonumber(value[3]), tonumber(value[4]) }
end
local kind, at = death(KEYS[2])
return kind and { 2, kind, at } or { 3 }
