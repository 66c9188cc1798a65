-- KEYS: session, its visits, those by proxy tickets
-- ARGV: head, tag, visits kept, those by proxy tickets kept, visits…
local s = session(KEYS[1])
if s then
    visit(KEYS[1], s, { unpack(ARGV, 5) }, ARGV[3], ARGV[4])
end
return 0
