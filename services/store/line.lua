-- Stands in line for one call of a method that may be made only so often: says in how many
-- milliseconds it may be made, 0 for now. A place is kept until the call is made; who stands in
-- line already under the same name stands there once.
local line, place = KEYS[1], KEYS[2]
local gap, burst, asks_for, again = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('GET', place)
if held == 'asking' then return again end

local at = tonumber(held)
if not at then
    -- When the next call would be due if all came at an even pace; a burst may run ahead of it.
    local due = math.max(tonumber(redis.call('GET', line)) or 0, now)
    at = math.max(due - (burst - 1) * gap, now)
    local left = string.format('%.0f', due + gap - now)
    redis.call('SET', line, string.format('%.0f', due + gap), 'PX', left)
end
if at > now then
    local left = string.format('%.0f', at - now + 600000)
    redis.call('SET', place, string.format('%.0f', at), 'PX', left)
    return at - now
end
redis.call('SET', place, 'asking', 'PX', asks_for)
return 0
