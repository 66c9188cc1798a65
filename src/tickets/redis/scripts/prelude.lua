-- What every script of sessions begins with. ARGV[1] is the head of all keys (store epoch and
-- version), ARGV[2] the account bucket as a cluster tag. Values are laid out in records.rs.
local function key(kind, id)
    return ARGV[1] .. kind .. ARGV[2] .. id
end

-- Milliseconds and microseconds since 1970.
local function time()
    local t = redis.call('TIME')
    local micro = t[1] * 1000000 + t[2]
    return math.floor(micro / 1000), micro
end

local function known(value)
    return value and value:byte(1) == 1
end

-- The session under a key if it is alive: of a version we know and of its account's epoch. The
-- second result tells that something of another version lies there, which we leave alone.
local function session(name)
    local value = redis.call('GET', name)
    if not known(value) then
        return nil, value and true
    end
    local account = value:sub(35, 56)
    if redis.call('GET', key('e:', account)) ~= value:sub(27, 34) then
        return nil
    end
    return { value = value, account = account }
end

-- How long a session used now may live, in milliseconds.
local function left(s, now)
    local hard, idle = struct.unpack('>I8I8', s.value, 11)
    return math.min(idle, hard - now)
end

-- Visits of a session, the newest last and only so many.
local function visit(name, visits, cap, ttl)
    redis.call('RPUSH', name, unpack(visits))
    redis.call('LTRIM', name, -cap, -1)
    redis.call('PEXPIRE', name, ttl)
end

