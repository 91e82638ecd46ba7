-- One change of one follow-up: compare-and-set, whom the account is watched for, when it is due,
-- audit rows, outbox entries and short-lived keys, together or not at all.
local follow_up, audit, outbox, due, following = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ask = cjson.decode(ARGV[1])
local id, seen, claim, retention = ask.id, ask.seen, ask.claim, ask.retention

local stored = redis.call('HMGET', follow_up, 'v', 'c', 'o')
if stored[2] == claim then
    return { 'ok', stored[3] or '' } -- this very change was made, and only its reply was lost
elseif not stored[1] then
    if seen ~= 0 then return { 'missing' } end
    -- A start that comes late mustn't take over from a newer reset of the same account.
    local began = string.match(redis.call('GET', following) or '', '^(%d+):')
    if began and tonumber(began) > ask.began then return { 'outdated' } end
elseif tonumber(stored[1]) ~= seen then
    return { 'stale' }
end

redis.call('HSET', follow_up, 'v', seen + 1, 'c', claim, 'd', ask.doc)
local older, watcher = stored[3] or '', redis.call('GET', following)
if seen == 0 then
    older = string.match(watcher or '', '[^:]*$')
    redis.call('SET', following, ask.watcher, 'PX', retention)
    redis.call('HSET', follow_up, 'o', older)
elseif watcher == ask.watcher then
    redis.call('PEXPIRE', following, retention) -- as long as what it points to
end
redis.call('PEXPIRE', follow_up, retention)
if ask.next == 0 then
    redis.call('ZREM', due, id)
else
    redis.call('ZADD', due, ask.next, id)
end

for _, row in ipairs(ask.rows) do
    redis.call('XADD', audit, 'MINID', '~', ask.audit_from, '*', 'row', row)
end
for _, job in ipairs(ask.jobs) do
    redis.call('XADD', outbox, '*', 'job', job[1], 'id', job[2], 'at', job[3])
end
for _, put in ipairs(ask.puts) do
    redis.call('SET', put[1], put[2], 'PX', put[3])
end
return { 'ok', older }
