-- What every script of reset tickets begins with, and the one of a sign-in, which ends them. ARGV[1] is the head of all keys, ARGV[2] the
-- account bucket as a cluster tag. A ticket is a hash of these fields:
-- b its postcard, a name of its account, i and x when it was issued and when it expires, g guard,
-- c hash of its code, w and k tries at the code and the last attempt at it, h and u who holds it and
-- until when, l who gave it back last, n refusals by the directory.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function key(kind, id)
    return ARGV[1] .. kind .. ARGV[2] .. id
end

-- Of a version we know; another one is absent, and left alone.
local function known(value)
    return value and value:byte(1) == 1
end

-- How and when a ticket died; nothing when its tombstone speaks of a death to come: then the ticket
-- itself was lost. A tombstone is version, kind (1 spent, 2 expired, 3 replaced, 4 revoked), time, and
-- the attempt that spent it.
local function death(name)
    local value = redis.call('GET', name)
    if not known(value) then
        return
    end
    local kind, at = struct.unpack('>BI8', value, 2)
    if at <= now then
        return kind, at
    end
end

-- The deletion comes first: a full server allows it, and then the rest.
local function bury(id, kind, keep, by)
    local name = key('r:', id)
    redis.call('DEL', name)
    redis.call('SET', name .. ':x', struct.pack('>BBI8', 1, kind, now) .. (by or ''), 'PX', keep)
end

-- Ends all tickets of an account; answers how many there were.
local function revoke(account, kind, keep)
    local index, ended = key('i:', account), 0
    for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
        if redis.call('EXISTS', key('r:', id)) == 1 then
            bury(id, kind, keep)
            ended = ended + 1
        end
    end
    redis.call('DEL', index)
    return ended
end

