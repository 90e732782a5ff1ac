-- Shares a text under a name, unless there is one. KEYS: the name. ARGV: the text, the process that uses it, how many
-- milliseconds it is kept. Answers the text that is shared then.
redis.call('HSETNX', KEYS[1], 'text', ARGV[1])
redis.call('HSET', KEYS[1], 'by', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HGET', KEYS[1], 'text')
