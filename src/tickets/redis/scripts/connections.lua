-- KEYS: index, account record
-- Of each session: its id, itself, its visits, those by proxy tickets.
local answer = { redis.call('GETRANGE', KEYS[2], 0, 8) }
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local name = key('t:', id)
    local s = session(name)
    if s then
        local last = #answer
        answer[last + 1], answer[last + 2] = id, s.value
        answer[last + 3] = redis.call('LRANGE', name .. ':s', 0, -1)
        answer[last + 4] = redis.call('LRANGE', name .. ':v', 0, -1)
    end
end
return answer
