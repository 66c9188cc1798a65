-- ARGV: …, how the try ended: failed, succeeded or void
for at, lease in ipairs(leases) do
    if lease[1] == ARGV[1] then
        table.remove(leases, at)
        break
    end
end
if ARGV[4] == 'failed' then
    failures, last = math.min(failures + 1, 4294967295), now
elseif ARGV[4] == 'succeeded' then
    failures = 0
end
save()
return failures
