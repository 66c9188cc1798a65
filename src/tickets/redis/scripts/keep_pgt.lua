-- KEYS: session, PGT
-- ARGV: head, tag, the PGT's value
local s = session(KEYS[1])
if not s then
    return 0
end
local now = time()
local rest = struct.unpack('>I8', s.value, 11) - now
if rest <= 0 then
    return 0
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', rest)
return 1
