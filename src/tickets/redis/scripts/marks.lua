-- KEYS: that the password was just written, what known devices carry
return { redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]) }
