-- ARGV: lease, life
while true do
    local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
    if not id then
        return {}
    end
    -- The deletion comes first: a full server allows it, and then the rest.
    redis.call('ZREM', KEYS[1], id)
    local value, due = redis.call('HGET', KEYS[2], id), now + ARGV[1]
    if value then
        redis.call('ZADD', KEYS[1], due, id)
        keep(due, ARGV[2])
    end
    local entry = read(value)
    if entry then
        entry.taken = entry.taken + 1
        entry.lapsed = math.min(entry.lapsed + entry.held, 65535)
        entry.held = 1
        write(id, entry)
        return { id, entry.taken, entry.lapsed, entry.pushed, entry.bytes }
    end
end
