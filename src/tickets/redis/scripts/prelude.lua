-- What every script of sessions begins with. ARGV[1] is the head of all keys (store epoch and
-- version), ARGV[2] the account bucket as a cluster tag. Values are laid out in records.rs.
local function key(kind, id)
    return ARGV[1] .. kind .. ARGV[2] .. id
end

-- Stands in an account's index for living sessions that a cut left out, until the last of them would end at the latest.
local CUT = ''

-- Milliseconds since 1970.
local function time()
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function known(value)
    return value and value:byte(1) == 1
end

-- When a session dies whatever happens.
local function hard(s)
    return (struct.unpack('>I8', s.value, 11))
end

-- What the time is named since all sessions of a realm were last ended: a random name, or none. The realm
-- is what the body of a session begins with, its length before it.
local function realm_end(body)
    local name = key('R:', body:sub(2, 1 + body:byte(1)))
    return redis.call('GET', name) or '', name
end

-- The session under a key if it is alive: of a version we know and of its account's epoch, a random
-- name that is the same or is not; without one, every session of the account is dead (SEC-26). An epoch
-- says behind its name in which time of its realm it began: when that is over, so is the epoch. The
-- second result tells that something of another version lies there, which we leave alone.
local function session(name)
    local value = redis.call('GET', name)
    if not known(value) then
        return nil, value and true
    end
    local account = value:sub(35, 56)
    if redis.call('GET', key('e:', account)) ~= value:sub(27, 34) .. realm_end(value:sub(57, 97)) then
        return nil
    end
    return { value = value, account = account }
end

-- How long a session used now may live, in milliseconds.
local function left(s, now)
    local hard, idle = struct.unpack('>I8I8', s.value, 11)
    return math.min(idle, hard - now)
end

-- Puts own visits into the list beside a session, the newest last and only so many.
local function beside(name, visits, kept)
    redis.call('RPUSH', name .. ':s', unpack(visits))
    redis.call('LTRIM', name .. ':s', -kept, -1)
    redis.call('PEXPIRE', name .. ':s', redis.call('PTTL', name))
end

-- Visits of a session, the newest last and only so many. Those by proxy tickets lie apart, since a
-- portal makes any number of them, and until the hard expiry, since no grant prolongs them.
local function visit(name, s, visits, kept, kept_proxied)
    local own, proxied = {}, {}
    for _, value in ipairs(visits) do
        local list = value:sub(3, 5) == 'PT-' and proxied or own
        list[#list + 1] = value
    end
    if #own > 0 then
        beside(name, own, kept)
    end
    local rest = hard(s) - time()
    if #proxied > 0 and rest > 0 then
        redis.call('RPUSH', name .. ':v', unpack(proxied))
        redis.call('LTRIM', name .. ':v', -kept_proxied, -1)
        redis.call('PEXPIRE', name .. ':v', rest)
    end
end

-- Ends a session with its visits and PGTs; answers both lists of visits.
local function remove(name)
    local own, proxied = redis.call('LRANGE', name .. ':s', 0, -1), redis.call('LRANGE', name .. ':v', 0, -1)
    for _, id in ipairs(redis.call('LRANGE', name .. ':g', 0, -1)) do
        redis.call('DEL', key('p:', id))
    end
    redis.call('DEL', name, name .. ':s', name .. ':v', name .. ':g')
    return own, proxied
end

