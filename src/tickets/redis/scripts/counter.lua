-- What the scripts of a throttle counter begin with. KEYS: counter. ARGV: reservation, memory,
-- lease, then what each adds. A counter is its version, failures, time of the last one, and for
-- each try under way its name and the end of its lease.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local memory = tonumber(ARGV[2])
local failures, last, leases = 0, 0, {}
local value = redis.call('GET', KEYS[1])
if value and value:byte(1) == 1 then
    failures, last = struct.unpack('>I4I8', value, 2)
    for at = 14, #value, 16 do
        local name, ends = struct.unpack('>c8I8', value, at)
        if ends > now then
            leases[#leases + 1] = { name, ends }
        end
    end
end
if last + memory <= now then
    failures = 0
end

-- The deletion comes first: a full server allows it, and then the rest.
local function save()
    local parts = { struct.pack('>BI4I8', 1, failures, last) }
    local ends = failures > 0 and last + memory or 0
    for _, lease in ipairs(leases) do
        parts[#parts + 1] = struct.pack('>c8I8', lease[1], lease[2])
        ends = math.max(ends, lease[2])
    end
    redis.call('DEL', KEYS[1])
    if ends > now then
        redis.call('SET', KEYS[1], table.concat(parts), 'PX', ends - now)
    end
end

