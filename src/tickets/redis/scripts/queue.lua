-- What the scripts of a queue begin with. KEYS: order by time due, entries. An entry is version, how
-- often it was taken, how often its holder was not heard of again, whether it is held, when it was
-- pushed, and its bytes.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- Both keys outlive their last entry by `life`.
local function keep(due, life)
    for _, name in ipairs(KEYS) do
        redis.call('PEXPIRE', name, math.max(redis.call('PTTL', name), due - now + life))
    end
end

-- Nothing for an entry of a version to come.
local function read(value)
    local version = value and value:byte(1)
    if version == 1 then
        local taken, pushed = struct.unpack('>I4I8', value, 2)
        return { taken = taken, lapsed = 0, held = 0, pushed = pushed, bytes = value:sub(14) }
    end
    if version == 2 then
        local taken, lapsed, held, pushed = struct.unpack('>I4I2BI8', value, 2)
        return { taken = taken, lapsed = lapsed, held = held, pushed = pushed, bytes = value:sub(17) }
    end
end

local function write(id, entry)
    local head = struct.pack('>BI4I2BI8', 2, entry.taken, entry.lapsed, entry.held, entry.pushed)
    redis.call('HSET', KEYS[2], id, head .. entry.bytes)
end
