-- One move of one reset: compare-and-set, the claim of the account, the audit row, the outbox
-- entries and the short-lived keys, together or not at all.
local allowed = { --[[ALLOWED]] }
local finished = { --[[FINISHED]] }

local reset, audit, outbox, account, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ask = cjson.decode(ARGV[1])
local id, seen, claim, move, to = ask.id, ask.seen, ask.claim, ask.move, ask.to
local now, retention, account_op = ask.now, ask.retention, ask.account

local stored = redis.call('HMGET', reset, 'v', 's', 'c')
local from = stored[2] or ''
if stored[3] == claim then
    return { 'ok' } -- this very move was made, and only its reply was lost
elseif not stored[1] then
    if seen ~= 0 then return { 'missing' } end
elseif tonumber(stored[1]) ~= seen then
    return { 'stale' }
end
if allowed[from .. '>' .. move] ~= to then return { 'illegal' } end

if account_op == 'take' then
    local held = redis.call('HMGET', account, 'running', 'last', 'alerts')
    if (tonumber(held[3]) or 0) > 0 then return { 'under_investigation' } end
    if held[1] and held[1] ~= id then
        local other = redis.call('HGET', 'reset:' .. held[1], 's')
        if other and not finished[other] then return { 'busy' } end
    end
    local free_at = (tonumber(held[2]) or 0) + ask.cooldown
    if now < free_at then return { 'cooling_down', free_at } end
    redis.call('HSET', account, 'running', id)
elseif account_op == 'release' or account_op == 'spend' then
    if redis.call('HGET', account, 'running') == id then
        redis.call('HDEL', account, 'running')
    end
    if account_op == 'spend' then redis.call('HSET', account, 'last', now) end
elseif account_op == 'alert' then
    if redis.call('HSETNX', account, 'alert:' .. id, now) == 1 then
        redis.call('HINCRBY', account, 'alerts', 1)
    end
end
if account_op ~= '' then
    if (tonumber(redis.call('HGET', account, 'alerts')) or 0) > 0 then
        redis.call('PERSIST', account) -- only an approver ends it
    else
        redis.call('PEXPIRE', account, retention)
    end
end

redis.call('HSET', reset, 'v', seen + 1, 's', to, 'c', claim, 'd', ask.doc)
redis.call('PEXPIRE', reset, retention)
if seen == 0 then
    redis.call('LPUSH', index, id)
    redis.call('LTRIM', index, 0, 19)
    redis.call('PEXPIRE', index, retention, 'NX')
end
redis.call('PEXPIRE', index, retention, 'GT') -- as long as the longest of what it names
redis.call('HINCRBY', 'moves', move, 1)
redis.call('XADD', audit, 'MINID', '~', ask.audit_from, '*', 'row', ask.row)

for _, job in ipairs(ask.jobs) do
    redis.call('XADD', outbox, '*', 'job', job[1], 'id', job[2], 'at', job[3])
end
for _, put in ipairs(ask.puts) do
    redis.call('SET', put[1], put[2], 'PX', put[3])
end
return { 'ok' }
