-- KEYS: tickets of the account, its latest attempt
-- ARGV: head, tag, tries at a code, attempt, memory of the attempt
-- Newest first: ticket id, code hash and tries left of each.
local answer = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
    local name = key('r:', id)
    local value = redis.call('HMGET', name, 'b', 'c', 'w', 'k')
    local tries, again = tonumber(value[3] or 0), value[4] == ARGV[4]
    if known(value[1]) and value[2] and (again or tries < tonumber(ARGV[3])) then
        if not again then
            tries = tries + 1
            -- The deletion comes first: a full server allows it, and then the rest.
            redis.call('HDEL', name, 'k')
            redis.call('HSET', name, 'w', tries, 'k', ARGV[4])
        end
        local last = #answer
        answer[last + 1], answer[last + 2], answer[last + 3] = id, value[2], ARGV[3] - tries
    end
end
-- Written for every account, with codes or without: a log that is synced takes as long.
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
return answer
