-- KEYS: session, its visits, those by proxy tickets, its PGTs
-- ARGV: head, tag, session id
local s = session(KEYS[1])
if not s then
    return {}
end
local record, index = key('a:', s.account), key('u:', s.account)
local answer = { s.value, redis.call('GET', record) }
answer[3], answer[4] = remove(KEYS[1])
redis.call('ZREM', index, ARGV[3])
redis.call('ZREMRANGEBYSCORE', index, '-inf', time())
if redis.call('EXISTS', index) == 0 then
    -- Nobody reads the attributes any more.
    redis.call('DEL', record)
end
return answer
