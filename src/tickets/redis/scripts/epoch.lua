-- KEYS: the highest epoch that a server has told. ARGV: the epoch of who asks, how long it is remembered
-- What is no epoch (32 bits, without a sign) is as good as nothing: believed, it would
-- keep every server where it is.
local known, own = tonumber(redis.call('GET', KEYS[1]) or 0) or 0, tonumber(ARGV[1])
if known >= own and known <= 4294967295 and known == math.floor(known) then
    return known
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return own
