-- Takes back a text that is shared. KEYS: its name. ARGV: the text, and the process that must have used it last; empty
-- for whichever did. Answers whether it was there and was taken.
if redis.call('HGET', KEYS[1], 'text') ~= ARGV[1] then
  return 0
end
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'by') ~= ARGV[2] then
  return 0
end
return redis.call('HDEL', KEYS[1], 'text')
