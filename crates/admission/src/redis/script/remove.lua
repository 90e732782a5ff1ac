-- Removes records that are in the database, and sets aside those that nobody can read. Only for the holder of the shard,
-- and only in the history that they were read in: in another, an id may be another record's.
-- KEYS: whose the shard is, the records, those set aside. ARGV: who asks, for how long it is theirs, the history, how
--   many are done, their ids, then the ids of those to set aside.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or history() ~= ARGV[3] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local done = tonumber(ARGV[4])
for i = 1, done do
  redis.call('XDEL', KEYS[2], ARGV[4 + i])
end
for i = 5 + done, #ARGV do
  local found = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])
  if found[1] then
    redis.call('XADD', KEYS[3], '*', unpack(found[1][2]))
    redis.call('XDEL', KEYS[2], ARGV[i])
  end
end
return 1
