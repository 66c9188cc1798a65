-- ARGV: …, free failures, first delay, longest delay, bound on tries under way and failures,
-- failures that stop everything until they are forgotten
for _, lease in ipairs(leases) do
    if lease[1] == ARGV[1] then
        return { 0, failures }
    end
end
local beyond = failures - ARGV[4]
local stopped = failures >= tonumber(ARGV[8])
if beyond > 0 or stopped then
    local delay = stopped and memory or math.min(ARGV[5] * 2 ^ (beyond - 1), tonumber(ARGV[6]))
    if last + delay > now then
        return { 2, last + delay - now }
    end
end
if #leases > 0 and failures + #leases >= tonumber(ARGV[7]) then
    return { 1 }
end
leases[#leases + 1] = { ARGV[1], now + ARGV[3] }
save()
return { 0, failures }
