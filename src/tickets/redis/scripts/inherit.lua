-- KEYS: session, its visits
-- ARGV: head, tag, visits kept, visits…
local s = session(KEYS[1])
if s then
    local visits = {}
    for i = 4, #ARGV do
        visits[#visits + 1] = ARGV[i]
    end
    visit(KEYS[2], visits, ARGV[3], redis.call('PTTL', KEYS[1]))
end
return 0
