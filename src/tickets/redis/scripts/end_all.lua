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
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
local epoch = redis.call('GET', KEYS[2])
if epoch then
    local _, micro = time()
    local moved = math.max(micro, struct.unpack('>I8', epoch) + 1)
    redis.call('SET', KEYS[2], struct.pack('>I8', moved), 'PX', redis.call('PTTL', KEYS[2]))
end
return answer
