-- Answers for each name whether a text is shared under it. KEYS: the names.
local there = {}
for place, key in ipairs(KEYS) do
  there[place] = redis.call('HEXISTS', key, 'text')
end
return there
