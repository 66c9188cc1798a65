-- KEYS: session
-- ARGV: head, tag, the byte
if session(KEYS[1]) then
    redis.call('SETRANGE', KEYS[1], 1, ARGV[3])
end
return 0
