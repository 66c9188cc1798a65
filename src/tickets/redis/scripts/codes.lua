-- KEYS: tickets of the account
-- ARGV: head, tag, tries at a code
-- Newest first: ticket id, what is kept of its code, tries left of each.
local answer = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
    local value = redis.call('HMGET', key('r:', id), 'b', 'c', 'w')
    local left = ARGV[3] - tonumber(value[3] or 0)
    if known(value[1]) and value[2] and left > 0 then
        local last = #answer
        answer[last + 1], answer[last + 2], answer[last + 3] = id, value[2], left
    end
end
return answer
