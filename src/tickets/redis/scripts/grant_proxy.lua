-- KEYS: PGT, ticket
-- ARGV: head, tag, the ticket without its head, its ttl, whether it leaves a visit
-- The version differs from a service ticket's: who does not know of chains must not read it.
local value = redis.call('GET', KEYS[1])
if not known(value) then
    return 0
end
local of = value:sub(2, 23)
if not session(key('t:', of)) then
    return 0
end
local chain = value:sub(25 + value:byte(24))
local foot = struct.pack('>BI4', tonumber(ARGV[5]), #ARGV[3])
redis.call('SET', KEYS[2], '\2' .. of .. ARGV[3] .. chain .. foot, 'PX', ARGV[4])
return 1
