-- Answers a text that was left; it stays. KEYS: its name.
return redis.call('GET', KEYS[1])
