-- ARGV: entries at most
local answer = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1)) do
    local entry = read(redis.call('HGET', KEYS[2], id))
    if entry then
        local last = #answer
        answer[last + 1], answer[last + 2], answer[last + 3] = id, entry.pushed, entry.bytes
    end
end
return answer
