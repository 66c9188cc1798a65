-- KEYS: account record, account epoch
-- ARGV: head, tag, record
local rest = redis.call('PTTL', KEYS[2])
if rest > 0 then
    redis.call('SET', KEYS[1], ARGV[3], 'PX', rest)
end
return 0
