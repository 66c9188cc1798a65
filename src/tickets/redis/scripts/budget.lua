-- KEYS: budget. ARGV: spend or look, then limit and window of each rule
-- A budget is its version, then for each window its length, what was spent, and when it ends.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local open = {}
local value = redis.call('GET', KEYS[1])
if value and value:byte(1) == 1 then
    for at = 2, #value, 20 do
        local length, spent, ends = struct.unpack('>I8I4I8', value, at)
        if ends > now then
            open[length] = { spent, ends }
        end
    end
end
local parts, last = { '\1' }, 0
for at = 2, #ARGV, 2 do
    local length = tonumber(ARGV[at + 1])
    local window = open[length] or { 0, now + length }
    if window[1] >= tonumber(ARGV[at]) then
        return 0
    end
    parts[#parts + 1] = struct.pack('>I8I4I8', length, window[1] + 1, window[2])
    last = math.max(last, window[2])
end
if ARGV[1] == 'spend' and last > now then
    -- The deletion comes first: a full server allows it, and then the rest.
    redis.call('DEL', KEYS[1])
    redis.call('SET', KEYS[1], table.concat(parts), 'PX', last - now)
end
return 1
