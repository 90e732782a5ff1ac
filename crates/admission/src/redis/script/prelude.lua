-- Shared by the scripts: the time, and what an account's epoch is.

-- Whole numbers as text, exactly; Lua's own way loses digits above fourteen.
local function text(number)
  return string.format('%.0f', number)
end

-- The server's time in milliseconds, by which records are numbered, too.
local function server_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- The shard's time in milliseconds, which never goes back. `given` is empty outside of tests.
local function time_ms(time_key, given)
  local now
  if given == '' then
    now = server_ms()
  else
    now = tonumber(given)
  end
  local seen = tonumber(redis.call('GET', time_key) or nil)
  if seen and seen > now then
    return seen, seen
  end
  return now, seen
end

-- Which history of the data this is: another after every restart and every failover, where last writes may be lost.
-- Asked by all scripts that say what is newest, those too that write nothing and that Redis would therefore run on a
-- replica, and on a server that has lost its replicas: there somebody else may be the first by now, and know more.
local function history()
  local info = redis.call('INFO', 'replication')
  if not string.find(info, 'role:master', 1, true) then
    error({ err = 'READONLY this server is not the first' })
  end
  if string.find(info, 'min_slaves_good_slaves:0', 1, true) then
    error({ err = 'NOREPLICAS this server is alone' })
  end
  return string.match(info, 'master_replid:(%x+)') or ''
end

-- The id of the last record that there ever was, moved or not.
local function last_record(log_key)
  if redis.call('EXISTS', log_key) == 0 then
    return '0-0'
  end
  local info = redis.call('XINFO', 'STREAM', log_key)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      return info[i + 1]
    end
  end
end

-- How what the shard holds began: the history, the last record that was there then, and the server's time. Whatever comes
-- first in a history writes it down, and says it before anybody can append a record: a server that lost its data, another
-- in its place, or an old copy of them, begins anew, and those who have seen more can tell.
local function beginning(begun_key, log_key)
  local current, begun = history(), redis.call('GET', begun_key)
  if begun and string.match(begun, '^(%x*) ') == current then
    return begun
  end
  begun = current .. ' ' .. last_record(log_key) .. ' ' .. text(server_ms())
  redis.call('SET', begun_key, begun)
  return begun
end

-- Since when the shard's counters hold all that was taken: the time at which nothing was found in it. A server that
-- lost its data, or another one in its place, has forgotten what was taken before.
local function whole_since(since_key, now)
  local since = redis.call('GET', since_key)
  if since then
    return tonumber(since), false
  end
  redis.call('SET', since_key, text(now))
  return now, true
end

-- By so much the clocks of those who make accounts and calls may be behind this one.
local SKEW_MS = 10000

-- By so much a replica may be behind when it takes over.
local BEHIND_MS = 2000

local EPOCH_SECONDS = 30 * 24 * 3600

local function read_epoch(epoch_key)
  local stored = redis.call('GET', epoch_key)
  if not stored then
    return nil
  end
  local token, changing_until = string.match(stored, '^(%x+) (%-?%d+)$')
  return token, tonumber(changing_until)
end

local function write_epoch(epoch_key, token, changing_until)
  redis.call('SET', epoch_key, token .. ' ' .. text(changing_until), 'EX', EPOCH_SECONDS)
end

-- What a reader of the account must have seen to be up to date. While a change may be on its way to the database, and
-- once more when it no longer may, that is something else.
local function epoch_text(token, changing_until, now)
  local changing = ''
  if now < changing_until then
    changing = '.c'
  end
  return history() .. '.' .. token .. changing
end

-- The account's epoch; made from `new_token` where there is none, because then nobody can know what has changed.
local function current_epoch(epoch_key, new_token, now)
  local token, changing_until = read_epoch(epoch_key)
  if not token then
    token, changing_until = new_token, 0
    write_epoch(epoch_key, token, changing_until)
  end
  return epoch_text(token, changing_until, now)
end
