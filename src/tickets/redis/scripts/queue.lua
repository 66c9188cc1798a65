-- What the scripts of a queue begin with. KEYS: order by time due, entries. An entry is version, how
-- often it was taken, when it was pushed, and its bytes.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- Both keys outlive their last entry by `life`.
local function keep(due, life)
    for _, name in ipairs(KEYS) do
        redis.call('PEXPIRE', name, math.max(redis.call('PTTL', name), due - now + life))
    end
end

