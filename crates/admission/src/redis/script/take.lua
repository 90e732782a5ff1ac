-- Answers texts that were left, and removes them. KEYS: their names. What is not there is false.
local texts = {}
for place, key in ipairs(KEYS) do
  local found = redis.call('GET', key)
  if found then
    redis.call('DEL', key)
  end
  texts[place] = found
end
return texts
