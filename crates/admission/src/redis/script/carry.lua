-- Makes a counter out of slots that another kind of store kept. One that is there stays as it is.
-- KEYS: the shard's time, the account's counters, the counter. ARGV: the time of a test, for how long it is kept, then for
--   each slot, oldest first: its number, what is in it, when it stops counting.
local now = time_ms(KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 1 then
  return 'there'
end
local total, last = 0, #ARGV - 2
for at = 3, #ARGV, 3 do
  total = total + tonumber(ARGV[at + 1])
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1], 'x' .. ARGV[at], ARGV[at + 2])
end
redis.call('HSET', KEYS[3], 't', text(total), 'o', ARGV[3], 'n', ARGV[last])
local keep_ms = tonumber(ARGV[2])
redis.call('PEXPIRE', KEYS[3], text(keep_ms))
redis.call('ZADD', KEYS[2], text(now + keep_ms), KEYS[3])
if redis.call('PTTL', KEYS[2]) < keep_ms then
  redis.call('PEXPIRE', KEYS[2], text(keep_ms))
end
return 'made'
