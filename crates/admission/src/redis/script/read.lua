-- Reads the first records of a shard, for the one who holds it; takes it where nobody does.
-- KEYS: whose the shard is, the records. ARGV: who asks, for how long it is theirs, how many records.
local holder = redis.call('GET', KEYS[1])
local waiting = redis.call('XLEN', KEYS[2])
if holder and holder ~= ARGV[1] then
  return { 'held', waiting }
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 'read', waiting, history(), redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[3]) }
