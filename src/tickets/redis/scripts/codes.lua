-- KEYS: tickets of the account
-- ARGV: head, tag, tries at a code
local open = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local value = redis.call('HMGET', key('r:', id), 'b', 'c', 'w')
    if known(value[1]) and value[2] and tonumber(value[3]) < tonumber(ARGV[3]) then
        open = open + 1
    end
end
return open
