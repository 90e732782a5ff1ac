-- Says to a process how far its records are, and learns from it whether an old copy of the data was put in place.
--
-- KEYS: how what the shard holds began, the records, since when its counters are whole, the shard's time. ARGV: how what the
--   process knows began, the newest record that was acknowledged to it then, the time of a test.
-- Answers how what there is began, the first record that waits (empty: none) and the last that there ever was.
local begun, first = beginning(KEYS[1], KEYS[2]), redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local seen = tonumber(string.match(ARGV[2], '^%d+'))
if ARGV[1] ~= '' and ARGV[1] ~= begun and not string.find(begun, ' old', 1, true) then
  -- A failover loses the moments that the replica was behind. What lacks more is a copy of some earlier time: whatever was
  -- taken since is not known, as if all of it were lost.
  if seen > tonumber(string.match(begun, ' (%d+)%-')) + BEHIND_MS then
    begun = begun .. ' old'
    redis.call('SET', KEYS[1], begun)
    redis.call('SET', KEYS[3], text((time_ms(KEYS[4], ARGV[3]))))
  end
end
return { begun, first and first[1] or '', last_record(KEYS[2]) }
