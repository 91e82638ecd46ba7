-- One move of one reset: compare-and-set, the claim of the account, the audit row, the outbox
-- entries and the short-lived keys, together or not at all.
local allowed = { --[[ALLOWED]] }
local finished = { --[[FINISHED]] }

local reset, audit, outbox, account, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, seen, claim, move, to, doc = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local now, retention = tonumber(ARGV[7]), ARGV[8]
local row, audit_from = ARGV[9], ARGV[10]
local account_op, cooldown = ARGV[11], tonumber(ARGV[12])
local jobs = tonumber(ARGV[13])

local stored = redis.call('HMGET', reset, 'v', 's', 'c')
local from = stored[2] or ''
if stored[3] == claim then
    return { 'ok' } -- this very move was made, and only its reply was lost
elseif not stored[1] then
    if seen ~= '0' then return { 'missing' } end
elseif stored[1] ~= seen then
    return { 'stale' }
end
if allowed[from .. '>' .. move] ~= to then return { 'illegal' } end

if account_op == 'take' then
    local held = redis.call('HMGET', account, 'running', 'last', 'alert')
    if held[3] then return { 'under_investigation' } end
    if held[1] and held[1] ~= id then
        local other = redis.call('HGET', 'reset:' .. held[1], 's')
        if other and not finished[other] then return { 'busy' } end
    end
    local free_at = (tonumber(held[2]) or 0) + cooldown
    if now < free_at then return { 'cooling_down', free_at } end
    redis.call('HSET', account, 'running', id)
elseif account_op == 'release' or account_op == 'spend' then
    if redis.call('HGET', account, 'running') == id then
        redis.call('HDEL', account, 'running')
    end
    if account_op == 'spend' then redis.call('HSET', account, 'last', now) end
elseif account_op == 'alert' then
    redis.call('HSET', account, 'alert', id)
elseif account_op == 'close_alert' then
    if redis.call('HGET', account, 'alert') == id then
        redis.call('HDEL', account, 'alert')
    end
end
if account_op ~= '' then redis.call('PEXPIRE', account, retention) end

redis.call('HSET', reset, 'v', tonumber(seen) + 1, 's', to, 'c', claim, 'd', doc)
redis.call('PEXPIRE', reset, retention)
if seen == '0' then
    redis.call('LPUSH', index, id)
    redis.call('LTRIM', index, 0, 19)
    redis.call('PEXPIRE', index, retention)
end
redis.call('HINCRBY', 'moves', move, 1)
redis.call('XADD', audit, 'MINID', '~', audit_from, '*', 'row', row)

local at = 14
for _ = 1, jobs do
    redis.call('XADD', outbox, '*', 'job', ARGV[at], 'id', ARGV[at + 1], 'at', ARGV[at + 2])
    at = at + 3
end
while ARGV[at] do
    redis.call('SET', ARGV[at], ARGV[at + 1], 'PX', ARGV[at + 2])
    at = at + 3
end
return { 'ok' }
