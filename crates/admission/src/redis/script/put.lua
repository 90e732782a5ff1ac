-- Leaves a text for a while. KEYS: its name. ARGV: the text, how many milliseconds it is kept.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'put'
