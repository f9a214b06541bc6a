/**
 * Builds a further generation of the state beside the live one and puts it in its place; rebuild.ts calls it. Beside
 * the control key stand, while a rebuild goes on:
 *
 *   CONTROL:rebuild   hash: suffix of the generation, and how far its history has come
 *   CONTROL:tail      list: calls that changed the live state since `since`, in their order
 *   CONTROL:degraded  set: events that were replayed though, as far as their service knew, they had not arrived
 */
export const REBUILD_LUA = String.raw`
local function apply(kind, request, keys, at, suffix)
  if kind == 'label' then labelAll(request, keys, at, suffix, {}, 0)
  else touchAll(request, keys, at, suffix, byte(request, 33) == 1, false) end
end

-- args[1]: events replayed before this call d and after it d, arrival of the last d, how many of that arrival were
-- replayed d; then per event its kind (payment, degraded, label), its request and its keys.
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
    if kind == 'degraded' then call('SADD', keys[1] .. ':degraded', sub(request, 17, 24)) end
    i = i + 2 + (kind == 'label' and #request - 17 or (#request - 33) / 9)
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
  local rebuild, tail, degraded = keys[1] .. ':rebuild', keys[1] .. ':tail', keys[1] .. ':degraded'
  local suffix = call('HGET', rebuild, 'suffix')
  if not suffix then return -1 end
  local entries, last = call('LRANGE', tail, 0, args[1] - 1), nil
  for _, entry in ipairs(entries) do
    local kind, arrived, request, names = cmsgpack.unpack(entry)
    if kind == 'label' or call('SISMEMBER', degraded, sub(request, 17, 24)) == 0 then
      apply(kind, request, names, 1, suffix)
    end
    last = arrived
  end
  call('LTRIM', tail, #entries, -1)
  if last then call('HSET', rebuild, 'arrivedUs', last, 'ties', 1) end
  local left = call('LLEN', tail)
  if left == 0 then
    call('HDEL', rebuild, 'since', 'run')
    call('HSET', rebuild, 'old', live)
    call('SET', keys[1], suffix)
    call('UNLINK', degraded)
  end
  return left
end
`;
