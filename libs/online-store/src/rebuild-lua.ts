/**
 * Builds a further generation of the state beside the live one and puts it in its place; rebuild.ts calls it. Beside
 * the control key stand, while a rebuild goes on:
 *
 *   CONTROL:rebuild   hash: suffix of the generation, and how far its history has come
 *   CONTROL:tail      list: calls that may change a state, since `since`, in their order
 */
export const REBUILD_LUA = String.raw`
-- The keys of a payment begin with its marker: whatever told of it before, the generation holds it once.
local function apply(kind, request, keys, at, suffix)
  if kind == 'label' then return labelAll(request, keys, at, suffix, {}, 0) end
  local rememberMs, wanted = unpack('<dB', request, 25)
  local adds = wanted == 1
  if adds and not enter(keys[at], suffix, rememberMs) then return end
  touchAll(request, keys, at + 1, suffix, adds, false)
end

-- args[1]: events replayed before this call d and after it d, arrival of the last d, how many of that arrival were
-- replayed d; then per event its kind (payment, label), its request and its keys.
-- Answers 1, or 0 where the rebuild stands elsewhere: nothing was done.
local function replay(keys, args)
  local before, after, arrived, ties = unpack('<dddd', args[1])
  local rebuild = keys[1] .. ':rebuild'
  local suffix, count = values(call('HMGET', rebuild, 'suffix', 'count'))
  if not suffix or tonumber(count) ~= before then return 0 end
  local i = 2
  while i < #args do
    local kind, request = args[i], args[i + 1]
    apply(kind, request, args, i + 2, suffix)
    i = i + 2 + (kind == 'label' and #request - 17 or (#request - 33) / 9 + 1)
  end
  call('HSET', rebuild, 'count', after, 'arrivedUs', arrived, 'ties', ties)
  return 1
end

-- args[1]: how many calls the tail may hold; args[2]: id of the run of this server. From here on every call that
-- changes the live state is copied, in the same step; with 0 no more, and the tail is freed.
-- Answers since when, in microseconds: what arrived later stands in the tail, what arrived before does not. 0 if never.
local function copy(keys, args)
  local suffix = generation(keys[1])
  local rebuild = keys[1] .. ':rebuild'
  call('UNLINK', keys[1] .. ':tail')
  if args[1] == '0' or call('EXISTS', rebuild) == 0 then
    call('SET', keys[1], suffix)
    call('HDEL', rebuild, 'since', 'run')
    return '0'
  end
  local since = now()
  call('HSET', rebuild, 'since', since, 'run', args[2])
  call('SET', keys[1], suffix .. '|' .. args[1])
  return string.format('%.0f', since)
end

-- args[1]: how many calls of the tail to apply. If none is left, the new generation is live from here on.
-- Answers how many are left; -1 if calls are not copied (any more).
local function drain(keys, args)
  local live, copying = generation(keys[1])
  if not copying then return -1 end
  local rebuild, tail = keys[1] .. ':rebuild', keys[1] .. ':tail'
  local suffix = call('HGET', rebuild, 'suffix')
  if not suffix then return -1 end
  local entries, last = call('LRANGE', tail, 0, args[1] - 1), nil
  for _, entry in ipairs(entries) do
    local kind, arrived, request, names = cmsgpack.unpack(entry)
    apply(kind, request, names, 1, suffix)
    last = arrived
  end
  call('LTRIM', tail, #entries, -1)
  if last then call('HSET', rebuild, 'arrivedUs', last, 'ties', 1) end
  local left = call('LLEN', tail)
  if left == 0 then
    call('HDEL', rebuild, 'since', 'run')
    call('HSET', rebuild, 'old', live)
    call('SET', keys[1], suffix)
  end
  return left
end
`;
