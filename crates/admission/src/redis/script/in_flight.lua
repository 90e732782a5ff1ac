-- How many calls hold a lease of a counter. Takes nothing.
-- KEYS: the shard's time, since when its counters are whole, the counter. ARGV: the time of a test, when the account was
--   made, the length of a lease.
-- Answers -1 while nobody can say: the counters were lost, and what was in flight may not have renewed its leases yet.
local now = time_ms(KEYS[1], ARGV[1])
local since = whole_since(KEYS[2], now)
if since > tonumber(ARGV[2]) + SKEW_MS and now - tonumber(ARGV[3]) < since then
  return -1
end
return redis.call('ZCOUNT', KEYS[3], '(' .. text(now), '+inf')
