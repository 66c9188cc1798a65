-- KEYS: PGT, ticket
-- ARGV: head, tag, the ticket without its head, its ttl
local value = redis.call('GET', KEYS[1])
if not known(value) then
    return 0
end
local of = value:sub(2, 23)
if not session(key('t:', of)) then
    return 0
end
local chain = value:sub(25 + value:byte(24))
redis.call('SET', KEYS[2], '\1' .. of .. ARGV[3] .. chain, 'PX', ARGV[4])
return 1
