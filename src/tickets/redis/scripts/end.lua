-- KEYS: session, its visits
-- ARGV: head, tag, session id
local s = session(KEYS[1])
if not s then
    return {}
end
local record, index = key('a:', s.account), key('u:', s.account)
local answer = { s.value, redis.call('GET', record), redis.call('LRANGE', KEYS[2], 0, -1) }
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', index, ARGV[3])
redis.call('ZREMRANGEBYSCORE', index, '-inf', (time()))
if redis.call('EXISTS', index) == 0 then
    -- Nobody reads the attributes any more.
    redis.call('DEL', record)
end
return answer
