-- The lines of one sign-out, which are numbered from 0 on.
local answer = {}
for number = 0, redis.call('HLEN', KEYS[1]) - 1 do
    answer[number + 1] = redis.call('HGET', KEYS[1], number)
end
return answer
