-- Gives a shard up. KEYS: whose it is. ARGV: who asks.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 'left'
