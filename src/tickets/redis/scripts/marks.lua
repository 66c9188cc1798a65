-- KEYS: that the password was just written, what known devices carry, when all of the realm last ended
-- What devices carry is good for the time that it names behind it (see prelude.lua).
local devices, ended = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3]) or ''
if devices and devices:sub(9) ~= ended then
    devices = false
end
return { redis.call('GET', KEYS[1]), devices and devices:sub(1, 8) }
