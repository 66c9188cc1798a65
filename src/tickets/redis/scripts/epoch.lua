-- KEYS: the highest epoch that a server has told. ARGV: the epoch of who asks, how long it is remembered
local known, own = tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[1])
if known >= own then
    return known
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return own
