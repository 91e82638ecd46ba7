-- One move of one case: compare-and-set, quotas, ids that may be used once, the claim on the
-- account, the audit row, the outbox, the queues and short-lived keys, together or not at all.
local allowed = { --[[ALLOWED]] }
local TEN_YEARS = 3650 * 24 * 3600 * 1000

local case, audit, outbox, account = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local open, preparing, cards = KEYS[5], KEYS[6], KEYS[7]
local ask = cjson.decode(ARGV[1])
local id, seen, claim, move, to = ask.id, ask.seen, ask.claim, ask.move, ask.to
local now, retention = ask.now, ask.retention

local stored = redis.call('HMGET', case, 'v', 's', 'c')
local from = stored[2] or ''
if stored[3] == claim then
    return { 'ok' } -- this very move was made, and only its reply was lost
elseif not stored[1] then
    if seen ~= 0 then return { 'missing' } end
elseif seen == 0 then
    return { 'known', id }
elseif tonumber(stored[1]) ~= seen then
    return { 'stale' }
end
if allowed[from .. '>' .. move] ~= to then return { 'illegal' } end

for _, once in ipairs(ask.once) do
    local known = redis.call('GET', once)
    if known then return { 'known', known } end
end
for _, quota in ipairs(ask.quotas) do
    redis.call('ZREMRANGEBYSCORE', quota[1], '-inf', now - quota[3])
    if redis.call('ZCARD', quota[1]) >= quota[2] then
        local first = redis.call('ZRANGE', quota[1], 0, 0, 'WITHSCORES')
        return { 'too_many', tonumber(first[2]) + quota[3] }
    end
end
if ask.alone then
    local alerts = tonumber(redis.call('HGET', account, 'alerts')) or 0
    if redis.call('HEXISTS', account, 'alert:' .. id) == 1 then alerts = alerts - 1 end
    if alerts > 0 then return { 'joined', '' } end
end
if ask.claims_account ~= '' then
    local other = redis.call('HGET', account, ask.claims_account)
    if other and other ~= id then
        -- A claim whose case is over, or gone, is void.
        local state = redis.call('HGET', 'case:' .. other, 's')
        if state == 'awaiting_approval' or state == 'approved' then return { 'joined', other } end
    end
    redis.call('HSET', account, ask.claims_account, id)
end

for _, once in ipairs(ask.once) do redis.call('SET', once, id, 'PX', retention) end
for _, quota in ipairs(ask.quotas) do
    redis.call('ZADD', quota[1], now, claim)
    redis.call('PEXPIRE', quota[1], quota[3])
end
if ask.leaves_account ~= '' and redis.call('HGET', account, ask.leaves_account) == id then
    redis.call('HDEL', account, ask.leaves_account)
end
if ask.alert == 'open' and redis.call('HSETNX', account, 'alert:' .. id, now) == 1 then
    redis.call('HINCRBY', account, 'alerts', 1)
end
local closed = { unpack(ask.alerts_taken_over) }
if ask.alert == 'close' then closed[#closed + 1] = id end
for _, one in ipairs(closed) do
    if redis.call('HDEL', account, 'alert:' .. one) == 1 then
        redis.call('HINCRBY', account, 'alerts', -1)
    end
end
if ask.spent then redis.call('HSET', account, 'last', now) end
if redis.call('EXISTS', account) == 1 then
    if (tonumber(redis.call('HGET', account, 'alerts')) or 0) > 0 then
        redis.call('PERSIST', account) -- only an approver ends it
    else
        redis.call('PEXPIRE', account, retention)
    end
end

redis.call('HSET', case, 'v', seen + 1, 's', to, 'c', claim, 'd', ask.doc)
local posts = case .. ':posts' -- where its messages stand: they are edited until it is over
if ask.is_over then
    redis.call('PEXPIRE', case, retention)
    redis.call('PEXPIRE', posts, retention)
else
    redis.call('PERSIST', case) -- only a decision closes it
    redis.call('PEXPIRE', posts, TEN_YEARS) -- without a life it would get that of other posts
end
if ask.is_open then redis.call('ZADD', open, ask.created, id) else redis.call('ZREM', open, id) end
if ask.prepare > 0 then redis.call('ZADD', preparing, ask.prepare, id)
elseif ask.prepare < 0 then redis.call('ZREM', preparing, id) end
if ask.card > 0 then redis.call('ZADD', cards, ask.card, id)
elseif ask.card < 0 then redis.call('ZREM', cards, id) end

redis.call('HINCRBY', 'moves', move, 1)
for _, row in ipairs(ask.rows) do
    redis.call('XADD', audit, 'MINID', '~', ask.audit_from, '*', 'row', row)
end
for _, job in ipairs(ask.jobs) do
    redis.call('XADD', outbox, '*', 'job', job[1], 'id', job[2], 'at', job[3])
end
for _, put in ipairs(ask.puts) do
    redis.call('SET', put[1], put[2], 'PX', put[3])
end
return { 'ok' }
