-- KEYS: ticket, tombstone
-- ARGV: head, tag, service identity, attempt, the ticket in clear, ttl of the tombstone, visits kept,
--       those by proxy tickets kept, the ticket packed or none, visits within a session
-- The first write is a deletion, which a full server still allows, and then it allows the others.

-- What a visit says of a ticket: of a proxy ticket without its chain, or nothing.
local function visited(value)
    if value:byte(1) == 1 then
        return value:sub(40)
    end
    local told, length = struct.unpack('>BI4', value, #value - 4)
    return told == 1 and value:sub(40, 23 + length)
end

-- The same as it lies within a session: see visits.rs. Nothing when it is too long for that.
local function folded(about)
    local length, at, place = 0, about:byte(1) + 2, 0
    local service = about:sub(2, at - 1)
    for step = 0, 2 do
        local byte = about:byte(at)
        length, at = length + byte % 128 * 128 ^ step, at + 1
        if byte < 128 then
            break
        end
    end
    local url = about:sub(at, at + length - 1)
    if url:sub(1, 8) == 'https://' then
        url, place = url:sub(9), 128
    end
    local found = url:find(service, 1, true)
    if found and found < 128 then
        place = place + found
        url = string.char(place, #service) .. url
    else
        url = string.char(place, #service) .. service .. url
    end
    length = #ARGV[9] + #url
    if length < 128 then
        return string.char(length) .. ARGV[9] .. url
    elseif length < 32768 then
        return struct.pack('>I2', length + 32768) .. ARGV[9] .. url
    end
end

-- Visits that lay within a session, as they lie in a list.
local function unfolded(visits)
    local list, at = {}, 1
    while at <= #visits do
        local length = visits:byte(at)
        at = at + 1
        if length > 127 then
            length, at = (length - 128) * 256 + visits:byte(at), at + 1
        end
        list[#list + 1] = '\2' .. visits:sub(at, at + length - 1)
        at = at + length
    end
    return list
end

-- Adds a visit to those within a session, if it has room for them; when they are many they move into the list,
-- since each use of the session reads them.
local function keep(name, value, about)
    local item = ARGV[9] ~= '' and value:byte(-1) == 255 and folded(about)
    if not item then
        return
    end
    local count, from = struct.unpack('>BI3', value, #value - 4)
    local visits = value:sub(from + 1, -6)
    if count >= tonumber(ARGV[10]) then
        beside(name, unfolded(visits), ARGV[7])
        visits, count = '', 0
    end
    local foot = struct.pack('>BI3B', count + 1, from, 255)
    redis.call('SET', name, value:sub(1, from) .. visits .. item .. foot, 'KEEPTTL')
    return true
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
if about and not keep(name, s.value, about) then
    local clear = '\1' .. string.char(#ARGV[5]) .. ARGV[5] .. about
    visit(name, s, { clear }, ARGV[7], ARGV[8])
end
return { 0, value, s.value, redis.call('GET', key('a:', s.account)) }
