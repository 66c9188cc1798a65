-- KEYS: session
local s = session(KEYS[1])
if not s then
    return {}
end
return { s.value, redis.call('GETRANGE', key('a:', s.account), 0, 8) }
