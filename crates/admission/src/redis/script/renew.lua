-- Prolongs leases that have not ended; answers 1 or 0 for each.
-- KEYS: the shard's time, then the counter of each lease. ARGV: the time of a test, the length of a lease, then whose.
local now = time_ms(KEYS[1], ARGV[1])
local lease_ms, reply = tonumber(ARGV[2]), {}
for i = 2, #KEYS do
  local id = ARGV[i + 1]
  local expires = redis.call('ZSCORE', KEYS[i], id)
  reply[i - 1] = 0
  if expires and tonumber(expires) > now then
    redis.call('ZADD', KEYS[i], text(math.max(tonumber(expires), now + lease_ms)), id)
    redis.call('PEXPIRE', KEYS[i], text(lease_ms + 60000))
    reply[i - 1] = 1
  end
end
return reply
