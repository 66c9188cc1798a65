-- KEYS: PGT
local value = redis.call('GET', KEYS[1])
if not known(value) then
    return {}
end
local s = session(key('t:', value:sub(2, 23)))
if not s then
    return {}
end
return { value, s.value, redis.call('GET', key('a:', s.account)) }
