-- Puts a note beside what is shared under a name, or removes it. KEYS: the name. ARGV: which note, its text or nothing,
-- the most notes, how many milliseconds all of it is kept.
local field = 'n:' .. ARGV[1]
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], field)
-- Two fields are no notes.
elseif redis.call('HEXISTS', KEYS[1], field) == 1 or redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) + 2 then
  redis.call('HSET', KEYS[1], field, ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 'noted'
