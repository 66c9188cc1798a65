-- KEYS: session, its visits, loop counter, ticket
-- ARGV: head, tag, ticket, its ttl, loop bound, loop window
local s = session(KEYS[1])
if not s then
    return 1
end
local now = time()
local ttl = left(s, now)
if ttl <= 0 then
    return 1
end
local granted = tonumber(redis.call('GET', KEYS[3]) or 0)
if granted >= tonumber(ARGV[5]) then
    return 2
end
redis.call('INCR', KEYS[3])
if granted == 0 then
    redis.call('PEXPIRE', KEYS[3], ARGV[6])
end
redis.call('SETRANGE', KEYS[1], 2, struct.pack('>I8', now))
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[2], ttl)
redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[4])
return 0
