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
    if value and value:byte(1) == 1 then
        local taken, pushed = struct.unpack('>I4I8', value, 2)
        redis.call('HSET', KEYS[2], id, struct.pack('>BI4I8', 1, taken + 1, pushed) .. value:sub(14))
        return { id, taken + 1, pushed, value:sub(14) }
    end
end
