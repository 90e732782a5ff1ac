-- Prolongs leases that have not ended; answers 1 or 0 for each.
-- KEYS: the shard's time, since when its counters are whole, then the counter of each lease. ARGV: the time of a test,
--   the length of a lease, then whose: the id of a call, which begins with the time at which it was made.
local now = time_ms(KEYS[1], ARGV[1])
local lease_ms, reply = tonumber(ARGV[2]), {}
local since = tonumber(redis.call('GET', KEYS[2]) or nil)
for i = 3, #KEYS do
  local id = ARGV[i]
  local expires = redis.call('ZSCORE', KEYS[i], id)
  -- A lease that was lost with the server's data is taken again: its call is in flight all the same.
  local is_lost = not expires and since and tonumber(string.sub(id, 1, 12), 16) <= since + SKEW_MS
  reply[i - 2] = 0
  if is_lost or (expires and tonumber(expires) > now) then
    redis.call('ZADD', KEYS[i], text(math.max(tonumber(expires or '0'), now + lease_ms)), id)
    redis.call('PEXPIRE', KEYS[i], text(lease_ms + 60000))
    reply[i - 2] = 1
  end
end
return reply
