-- KEYS: names of nodes by when they were heard of, what one of them said. ARGV: its name
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])
