-- KEYS: index, account epoch, account record, its known devices
-- Sessions that the index does not name, or of a version we do not know, die with the epoch.
local answer = { redis.call('GET', KEYS[3]) }
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local name = key('t:', id)
    local s = session(name)
    if s then
        local last = #answer
        answer[last + 1] = s.value
        answer[last + 2], answer[last + 3] = remove(name)
    end
end
redis.call('DEL', unpack(KEYS))
return answer
