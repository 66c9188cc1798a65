-- KEYS: ticket, tombstone
-- ARGV: head, tag, service identity, attempt, the ticket in clear, ttl of the tombstone, visits kept,
--       those by proxy tickets kept
-- The first write is a deletion, which a full server still allows, and then it allows the others.

-- What a visit says of a ticket: of a proxy ticket without its chain, or nothing.
local function visited(value)
    if value:byte(1) == 1 then
        return value:sub(40)
    end
    local told, length = struct.unpack('>BI4', value, #value - 4)
    return told == 1 and value:sub(40, 23 + length)
end

local tombstone, again = redis.call('GET', KEYS[2]), false
local value
if tombstone then
    if not known(tombstone) or tombstone:sub(2, 17) ~= ARGV[4] then
        return { 2 }
    end
    value, again = tombstone:sub(18), true
else
    value = redis.call('GET', KEYS[1])
    if not known(value) and not (value and value:byte(1) == 2) then
        return { 3 }
    end
end
local name = key('t:', value:sub(2, 23))
local s, strange = session(name)
if strange then
    return { 3 }
end
if not again then
    redis.call('DEL', KEYS[1])
end
if not s then
    return { 3 }
end
if not again then
    redis.call('SET', KEYS[2], '\1' .. ARGV[4] .. value, 'PX', ARGV[6])
end
if value:sub(24, 39) ~= ARGV[3] then
    return { 1, value }
end
local about = not again and visited(value)
if about then
    local clear = '\1' .. string.char(#ARGV[5]) .. ARGV[5] .. about
    visit(name, s, { clear }, ARGV[7], ARGV[8])
end
return { 0, value, s.value, redis.call('GET', key('a:', s.account)) }
