-- Answers an account's epoch.
-- KEYS: the epoch, the shard's time. ARGV: a token for an epoch that is not there, the time of a test.
local now = time_ms(KEYS[2], ARGV[2])
return current_epoch(KEYS[1], ARGV[1], now)
