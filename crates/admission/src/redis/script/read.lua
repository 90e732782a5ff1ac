-- Reads the first records of a shard, for the one who holds it; takes it where nobody does.
-- KEYS: whose the shard is, the records, the shard's time, since when its counters are whole, how what it holds began.
-- ARGV: who asks, for how long it is theirs, how many records, the time of a test.
-- Answers last whether the shard was found empty: whatever was taken before is not known.
local holder = redis.call('GET', KEYS[1])
local waiting = redis.call('XLEN', KEYS[2])
if holder and holder ~= ARGV[1] then
  return { 'held', waiting }
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
beginning(KEYS[5], KEYS[2])
local _, is_empty = whole_since(KEYS[4], (time_ms(KEYS[3], ARGV[4])))
local found = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[3])
return { 'read', waiting, history(), found, is_empty and 1 or 0 }
