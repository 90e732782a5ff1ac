-- Answers what is shared under a name, and notes who used it last. KEYS: the name. ARGV: the process, how many
-- milliseconds it is kept.
local found = redis.call('HGETALL', KEYS[1])
if #found > 0 then
  redis.call('HSET', KEYS[1], 'by', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return found
