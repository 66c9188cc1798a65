-- KEYS: index, account record
local answer = { redis.call('GETRANGE', KEYS[2], 0, 8) }
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local s = session(key('t:', id))
    if s then
        answer[#answer + 1] = s.value
    end
end
return answer
