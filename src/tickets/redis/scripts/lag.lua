-- Milliseconds since the first entry was due.
local due = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
return due and math.max(now - tonumber(due), 0) or 0
