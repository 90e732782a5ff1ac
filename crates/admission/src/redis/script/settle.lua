-- Ends calls: gives back what was not used, to the very slots it came from and once, ends their leases, and appends
-- how they ended. May be run again when its answer was lost.
--
-- What was taken in another history of the data stays taken: with a failover or a restart it may have been lost, and what
-- is given back would then be somebody else's.
--
-- Answers the history and the id of the last ending.
--
-- KEYS: the records, how what the shard holds began; then for each call, where it gives something back, its mark and the counters, then its leases.
-- ARGV: how long a mark is kept, the number of calls; then for each: id, ending or nothing, number of slots, number of
--   leases; where there are slots the history they are of; for each slot its number and what is given back.
local log_key, current = KEYS[1], history()
local keep_ms, k, at, last = ARGV[1], 3, 3, ''
beginning(KEYS[2], log_key)
for _ = 1, tonumber(ARGV[2]) do
  local id, ending = ARGV[at], ARGV[at + 1]
  local slots, leases = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  at = at + 4
  if slots > 0 then
    local is_same, is_first = ARGV[at] == current, redis.call('SET', KEYS[k], '1', 'NX', 'PX', keep_ms)
    k, at = k + 1, at + 1
    for _ = 1, slots do
      local key, number, share = KEYS[k], ARGV[at], tonumber(ARGV[at + 1])
      k, at = k + 1, at + 2
      local held = is_first and is_same and tonumber(redis.call('HGET', key, number) or '0')
      if held and held > 0 then
        local back = text(-math.min(share, held))
        redis.call('HINCRBY', key, number, back)
        redis.call('HINCRBY', key, 't', back)
      end
    end
  end
  for _ = 1, leases do
    redis.call('ZREM', KEYS[k], id)
    k = k + 1
  end
  if ending ~= '' then
    last = redis.call('XADD', log_key, '*', 'e', ending)
  end
end
return { 'settled', current, last }
