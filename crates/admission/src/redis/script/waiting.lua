-- How many records of a shard wait. KEYS: the records.
return redis.call('XLEN', KEYS[1])
