-- KEYS: index, account record, account epoch, name of the realm's time
-- Whether there are sessions that are not named here; of each that is: its id, itself, its visits, those by proxy
-- tickets.
local answer, now = { redis.call('GETRANGE', KEYS[2], 0, 8), 0 }, time()
local epoch, ended = redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4]) or ''
local lives = epoch and epoch:sub(9) == ended
local named = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for at = 1, #named, 2 do
    local id = named[at]
    local name = key('t:', id)
    local s, strange = session(name)
    if strange or id == CUT and lives and tonumber(named[at + 1]) > now then
        answer[2] = 1
    elseif s then
        local last = #answer
        answer[last + 1], answer[last + 2] = id, s.value
        answer[last + 3] = redis.call('LRANGE', name .. ':s', 0, -1)
        answer[last + 4] = redis.call('LRANGE', name .. ':v', 0, -1)
    end
end
return answer
