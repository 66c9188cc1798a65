-- KEYS: names of nodes by when they were heard of. ARGV: what the keys of nodes begin with, nodes at most.
-- Answers name and what was said, one after the other.
local answer = {}
for _, name in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)) do
    local said = redis.call('GET', ARGV[1] .. name)
    if said then
        answer[#answer + 1] = name
        answer[#answer + 1] = said
    end
end
return answer
