-- KEYS: the lines of one sign-out
-- ARGV: life, then number and line of each
for at = 2, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
