-- Moves an account's epoch on.
-- KEYS: the epoch, the shard's time, how what it holds began, the records. ARGV: the new token, the time of a test, for how long a change is on its way (0: none).
beginning(KEYS[3], KEYS[4])
local now = time_ms(KEYS[2], ARGV[2])
local _, changing_until = read_epoch(KEYS[1])
changing_until = changing_until or 0
local changing_ms = tonumber(ARGV[3])
if changing_ms > 0 then
  changing_until = math.max(changing_until, now + changing_ms)
end
-- Another's change that is on its way stays so: nobody but time ends it.
if changing_until <= now then
  changing_until = 0
end
write_epoch(KEYS[1], ARGV[1], changing_until)
return epoch_text(ARGV[1], changing_until, now)
