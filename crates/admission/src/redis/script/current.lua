-- Answers an account's epoch.
-- KEYS: the epoch, the shard's time, how what it holds began, the records. ARGV: a token for an epoch that is not there, the time of a test.
beginning(KEYS[3], KEYS[4])
local now = time_ms(KEYS[2], ARGV[2])
return current_epoch(KEYS[1], ARGV[1], now)
