-- The one step: the call is fresh, it takes its share of every limit or of none, and its record is appended.
--
-- KEYS: the epoch, the shard's time, the records, the account's counters, since when the shard's counters are whole, how
--   what it holds began, how many records each account added lately, then the counter of each charge.
-- ARGV: the epoch that decided, a token for an epoch that is not there, the time of a test, the most records, the most
--   counters, when the account was made, the call's id, its record, what its record needs should it be refused, how many
--   charges are the plan's of the account, which are the first; whether a call goes on whose policy's limits are
--   exceeded, and one whose policy's limits cannot be judged; the records that an account may add while many wait; the
--   number of charges; then for each charge: kind, two numbers of the window, count, amount, number of limits, the limits.
-- A call that goes on although its policy's limits refuse it takes what the plan counts, and nothing else.
-- Kinds: `s` sliding (length, length of a slot), `c` calendar (start, end), `f` in flight (length of a lease, -).
-- Answers the id of the record where there is one; with a newer epoch, how what the shard holds began.
-- Amounts are whole and at most 2^53 - 1, so that sums are exact up to any limit there can be.
local epoch_key, time_key, log_key, index_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local since_key = KEYS[5]
local id, record, refusal = ARGV[7], ARGV[8], ARGV[9]
local quota, goes_on = tonumber(ARGV[10]), { exceeded = ARGV[11] == '1', unjudged = ARGV[12] == '1' }
local ONE = 1000000
-- Redis removes counters on its own only so long after they stopped counting: it is a clean-up, not the arithmetic.
local KEEP_MS = 60000
-- For so long records of an account are added up while many wait.
local SHARE_MS = 5000

local now, seen = time_ms(time_key, ARGV[3])
local epoch = current_epoch(epoch_key, ARGV[2], now)
if epoch ~= ARGV[1] then
  return { 'stale', epoch, beginning(KEYS[6], log_key) }
end
local waiting = redis.call('XLEN', log_key)
if waiting >= tonumber(ARGV[4]) then
  return { 'backlog', waiting }
end
-- While half of the places are taken, nobody of several takes more than a share of the others: an account that makes
-- records faster than they are moved does not keep its neighbours from making theirs. One that is alone may go on, but
-- for a tenth, where whoever comes finds a place.
if waiting * 2 >= tonumber(ARGV[4]) then
  local added = redis.call('HINCRBY', KEYS[7], epoch_key, 1)
  if redis.call('PTTL', KEYS[7]) < 0 then
    redis.call('PEXPIRE', KEYS[7], SHARE_MS)
  end
  if added > tonumber(ARGV[13]) and (waiting * 10 >= tonumber(ARGV[4]) * 9 or redis.call('HLEN', KEYS[7]) > 1) then
    return { 'backlog', waiting }
  end
end

local charges, at = {}, 15
for i = 1, tonumber(ARGV[14]) do
  local charge = {
    key = KEYS[7 + i],
    kind = ARGV[at],
    a = tonumber(ARGV[at + 1]),
    b = tonumber(ARGV[at + 2]),
    added = tonumber(ARGV[at + 3]) + tonumber(ARGV[at + 4]),
    limits = {},
  }
  local count = tonumber(ARGV[at + 5])
  for j = 1, count do
    charge.limits[j] = tonumber(ARGV[at + 5 + j])
  end
  at = at + 6 + count
  if charge.kind == 'c' and (now < charge.a or now >= charge.b) then
    return { 'passed', text(now) }
  end
  charges[i] = charge
end
if #charges > 0 and seen ~= now then
  redis.call('SET', time_key, text(now))
end

-- Refuses the call, and says so in its record; answers the record's id.
local function refuse(findings)
  return redis.call('XADD', log_key, '*', 'd', record, 'v', findings, 'p', refusal)
end

-- A window that began before the counters were lost cannot be judged until it has passed; nor can what was in flight,
-- until those calls have renewed their leases or ended. An account that was made since has lost nothing.
local word, findings
if #charges > 0 then
  local since = whole_since(since_key, now)
  if since > tonumber(ARGV[6]) + SKEW_MS then
    for i, charge in ipairs(charges) do
      local first = charge.kind == 'c' and charge.a or now - charge.a
      if first < since and i <= quota then
        return { 'unjudged', refuse('plan'), 'plan' }
      elseif first < since then
        word, findings = 'unjudged', 'lost'
      end
    end
  end
end

-- Reads a counter, without what has expired. Slots are numbered; `o` is the first that counts, `n` the last, `t` the
-- sum, and `x<number>` says when a slot stops counting. They do so in the order of their numbers.
local function read(charge)
  if charge.kind == 'f' then
    redis.call('ZREMRANGEBYSCORE', charge.key, '-inf', text(now))
    local held = redis.call('ZCARD', charge.key)
    charge.used, charge.is_new = held * ONE, held == 0
    return
  end
  if charge.kind == 's' then
    charge.slot, charge.expires = math.floor(now / charge.b), now + charge.a
  else
    charge.slot, charge.expires = charge.a, charge.b
  end
  local found = redis.call('HMGET', charge.key, 't', 'o', 'n', text(charge.slot))
  charge.used, charge.oldest, charge.held, charge.is_new = 0, charge.slot, 0, true
  if not found[1] then
    return
  end
  local used, oldest, newest = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  -- Only a clock that went back, and a time that was lost, lead to a slot before the last: the last then takes it.
  if charge.slot < newest then
    charge.slot = newest
    local slot = redis.call('HMGET', charge.key, text(newest), 'x' .. text(newest))
    found[4] = slot[1]
    charge.expires = math.max(charge.expires, tonumber(slot[2] or '0'))
  end
  if charge.kind == 'c' then
    -- An earlier stretch of the calendar is over as soon as a later one has begun.
    if oldest < charge.slot then
      oldest = newest + 1
    end
  else
    local first = oldest
    while oldest <= newest do
      local number = text(oldest)
      local slot = redis.call('HMGET', charge.key, number, 'x' .. number)
      if slot[2] and tonumber(slot[2]) > now then
        break
      end
      if slot[2] then
        used = used - tonumber(slot[1])
        redis.call('HDEL', charge.key, number, 'x' .. number)
      end
      oldest = oldest + 1
    end
    if oldest ~= first and oldest <= newest then
      redis.call('HSET', charge.key, 't', text(used), 'o', text(oldest))
    end
  end
  if oldest > newest then
    redis.call('DEL', charge.key)
    return
  end
  charge.used, charge.oldest, charge.newest, charge.is_new = used, oldest, newest, false
  charge.held, charge.has_slot = tonumber(found[4] or '0'), found[4] and true
end

-- After how long enough slots will have expired; -1 for never.
local function retry_after(charge, max)
  local room = max - charge.added
  if charge.kind == 'f' or room < 0 or charge.is_new then
    return -1
  end
  local left = charge.used
  local number = charge.oldest
  while number <= charge.newest do
    local slot = redis.call('HMGET', charge.key, text(number), 'x' .. text(number))
    if slot[2] then
      left = left - tonumber(slot[1])
      if left <= room then
        return tonumber(slot[2]) - now
      end
    end
    number = number + 1
  end
  return -1
end

-- What is not judged is not read.
local last = word and quota or #charges
local exceeded, is_over_quota, new = {}, false, 0
for i = 1, last do
  local charge = charges[i]
  read(charge)
  for j, max in ipairs(charge.limits) do
    if charge.used + charge.added > max then
      local retry = retry_after(charge, max)
      is_over_quota = is_over_quota or i <= quota
      exceeded[#exceeded + 1] = text(i - 1) .. ' ' .. text(j - 1) .. ' ' .. text(charge.used) .. ' ' .. text(retry)
    end
  end
  -- The plan's are always kept: they are two at most.
  if i > quota and charge.is_new and charge.added > 0 then
    new = new + 1
  end
end
if #exceeded > 0 then
  word, findings = 'exceeded', table.concat(exceeded, ',')
end

local capacity = tonumber(ARGV[5]) - new
if not word and new > 0 and redis.call('ZCARD', index_key) > capacity then
  redis.call('ZREMRANGEBYSCORE', index_key, '-inf', text(now))
  if redis.call('ZCARD', index_key) > capacity then
    word, findings = 'unjudged', 'full'
  end
end
if word then
  if is_over_quota or quota == 0 or not goes_on[word] then
    return { word, refuse(findings), findings }
  end
  last = quota
end

-- Lets Redis remove a key some time after it stopped counting, and never earlier than was said before.
local function keep(key, for_ms)
  if redis.call('PTTL', key) < for_ms + KEEP_MS then
    redis.call('PEXPIRE', key, text(for_ms + KEEP_MS))
  end
end

local function list(key, expires)
  redis.call('ZADD', index_key, text(expires), key)
  keep(index_key, expires - now)
end

local reply = word and { word, '', findings } or { 'taken', '' }
local head = #reply
for i = 1, last do
  local charge = charges[i]
  reply[head + i] = ''
  if charge.kind == 'f' then
    redis.call('ZADD', charge.key, text(now + charge.a), id)
    keep(charge.key, charge.a)
    list(charge.key, now + charge.a)
  elseif charge.added > 0 then
    local number = text(charge.slot)
    redis.call('HSET', charge.key, 't', text(charge.used + charge.added), 'o', text(charge.oldest), 'n', number,
      number, text(charge.held + charge.added), 'x' .. number, text(charge.expires))
    if not charge.has_slot then
      keep(charge.key, charge.expires - now + (charge.kind == 's' and charge.b or 0))
      -- Until the end of what may be added to the slot without coming here again.
      list(charge.key, charge.expires + (charge.kind == 's' and charge.b or 0))
    end
    reply[head + i] = number
  end
end
reply[2] = word and refuse(findings) or redis.call('XADD', log_key, '*', 'd', record)
return reply
