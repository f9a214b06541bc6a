/**
 * The windows of one state of a plan, in the server's Lua; function-source.ts makes a library of it.
 * One string per entity:
 *
 *   header | falling entries of the extremes | log of records
 *
 * Every number of the header is a double. A window is a difference of two suffixes of the log: (t - d - l, t - d] is
 * what lies after t - d - l without what lies after t - d. So the function keeps, per distinct length ("mark"), only
 * where its suffix begins and the sums over it; each event enters all suffixes once and leaves each once: amortised O(1).
 *
 * The rule for late events and ties, shared with every other engine: an entity's clock is the latest time at which it
 * was touched (observed or read) and never runs backward. A touch at t < clock is taken at the clock. Among equal times
 * the order of arrival counts. The clock of an entity that does not exist begins with its first event.
 *
 * Exactness: sums are integers in doubles, exact below 2^53 cents a suffix; squares are kept as high * 2^40 + low with
 * 0 <= low < 2^40, exact below 2^93 cents^2 a suffix.
 */
export const WINDOWS_LUA = String.raw`
local call, pack, values, unpack = redis.call, struct.pack, unpack, struct.unpack
local floor, huge, rep, sub, find, byte = math.floor, math.huge, string.rep, string.sub, string.find, string.byte

local DAY = 86400000
local TWO20, TWO40 = 2 ^ 20, 2 ^ 40
local NONE = rep('\0', 8) -- a payment without counterparty
local CAPACITY = 24       -- entries kept of an extreme: 50,000 random amounts leave 11 on average, 24 once in 10^4
local AT_HAND = 16        -- records that the first read brings: the whole log of most entities
local CHUNK = 8           -- records of a further read

-- Header: sequence of the first record still there and of the next one; the clock; time of the newest event; when
-- the expiry was renewed; entries there is room for; of each extreme, entries kept and whether lesser ones were left out.
local BASE, NEXT, CLOCK, NEWEST, RENEWED, ROOM, MAX_KEPT, MAX_CUT, MIN_KEPT, MIN_CUT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local FIXED = 10
-- Per mark: sequence and time of the first event of its suffix (huge when empty), and the sums over the suffix.
local FIRST, TIME, SUM = 1, 2, 3

local formats = {}
local function doubles(n)
  local format = formats[n]
  if not format then format = '<' .. rep('d', n); formats[n] = format end
  return format
end

-- amount^2 as high * 2^40 + low, without losing a bit: amount = h * 2^20 + l.
local function square(amount)
  local h = floor(amount / TWO20)
  local l = amount - h * TWO20
  local cross = 2 * h * l
  local carry = floor(cross / TWO20)
  local high, low = h * h + carry, l * l + (cross - carry * TWO20) * TWO20
  if low >= TWO40 then return high + 1, low - TWO40 end
  return high, low
end

-- The functions over one state of the plan.
local function windowsOf(state)
  local marks, froms, tos = state.marks, state.froms, state.tos
  local MARKS, WINDOWS, LIVE = #marks, #froms, state.live
  local DISTINCT, LABELS, SQUARES = state.distinct, state.labels, state.squares
  local width = SUM
  local HIGH, LOW, KINDS, FRAUDS
  if SQUARES then HIGH, LOW, width = width + 1, width + 2, width + 2 end
  if DISTINCT then KINDS, width = width + 1, width + 1 end
  if LABELS then FRAUDS, width = width + 1, width + 1 end
  local FIELDS = FIXED + MARKS * width
  -- Renewed once a day of the entity's clock; what payments tell and the server's clock may lie half a day apart,
  -- first in one direction and then in the other.
  local TTL = marks[MARKS] + 2 * DAY
  -- Record: time, amount, superseded (a later event has its counterparty), fraud [, counterparty] [, event].
  local RECORD_FORMAT = '<I6I7BB' .. (DISTINCT and 'c8' or '')
  local SUPERSEDED, FRAUD, EVENT = 13, 14, DISTINCT and 23 or 15
  local RECORD = EVENT + (LABELS and 8 or 0)
  local EXTREMES = (state.maximum and 1 or 0) + (state.minimum and 1 or 0)
  local PREFIX = (FIELDS + 2 * CAPACITY * EXTREMES) * 8 + AT_HAND * RECORD
  -- Where the fields of a mark begin; window w covers the suffix at FROM[w] without the one at TO[w].
  local at, FROM, TO = {}, {}, {}
  for m = 1, MARKS do at[m] = FIXED + (m - 1) * width end
  for w = 1, WINDOWS do FROM[w] = at[froms[w]]; TO[w] = at[tos[w]] or false end
  local LIVE_AT = at[LIVE]

  -- The entity at hand: its key, header, first bytes and one further piece of its log.
  local key, f, head, piece, pieceAt, logAt
  local peeking = false -- nothing is written

  local function fresh(time)
    local new = {0, 0, time, 0, -huge, 0, 0, 0, 0, 0}
    for m = 1, MARKS do
      for j = 1, width do new[at[m] + j] = 0 end
      new[at[m] + TIME] = huge
    end
    return new
  end

  local function open(name)
    key, head, piece = name, call('GETRANGE', name, 0, PREFIX - 1), nil
    if #head == 0 then return false end
    f = {unpack(doubles(FIELDS), head)}
    logAt = (FIELDS + 2 * f[ROOM]) * 8
    return true
  end

  local function offset(sequence) return logAt + (sequence - f[BASE]) * RECORD end

  local function record(sequence)
    local o = offset(sequence)
    if o + RECORD <= #head then return unpack(RECORD_FORMAT, head, o + 1) end
    if not piece or o < pieceAt or o + RECORD > pieceAt + #piece then
      piece, pieceAt = call('GETRANGE', key, o, o + RECORD * CHUNK - 1), o
    end
    return unpack(RECORD_FORMAT, piece, o - pieceAt + 1)
  end

  -- Lets what is older than its length leave the suffix of mark m.
  local function expire(m, limit)
    local s, first, last = at[m], f[at[m] + FIRST], f[NEXT]
    local time, amount, superseded, fraud, counterparty = record(first)
    repeat
      f[s + SUM] = f[s + SUM] - amount
      if SQUARES then
        local high, low = square(amount)
        low = f[s + LOW] - low
        if low < 0 then low = low + TWO40; high = high + 1 end
        f[s + HIGH], f[s + LOW] = f[s + HIGH] - high, low
      end
      if DISTINCT and superseded == 0 then
        f[s + KINDS] = f[s + KINDS] - 1
        if m == LIVE and not peeking then call('HDEL', key .. ':c', counterparty) end
      end
      if LABELS then f[s + FRAUDS] = f[s + FRAUDS] - fraud end
      first = first + 1
      if first < last then time, amount, superseded, fraud, counterparty = record(first) else time = huge end
    until time > limit
    f[s + FIRST], f[s + TIME] = first, time
  end

  -- An extreme: entries (sequence, value) with falling values over the longest live window, the greatest first. The
  -- least amount is the greatest of the negated ones. At most CAPACITY entries are kept; where lesser ones were left
  -- out (cut = 1), a window that begins after the last entry is answered by scanning it.
  local function scan(sign, from)
    local text, greatest = call('GETRANGE', key, offset(from), offset(f[NEXT]) - 1), -huge
    for p = 1, #text, RECORD do
      local _, amount = unpack('<I6I7', text, p)
      if amount * sign > greatest then greatest = amount * sign end
    end
    return greatest
  end

  local function refill(e, from)
    e.cut = 0
    if from >= f[NEXT] then return end
    local text = call('GETRANGE', key, offset(from), offset(f[NEXT]) - 1)
    local found, n, greatest = {}, 0, -huge
    for p = #text - RECORD + 1, 1, -RECORD do
      local _, amount = unpack('<I6I7', text, p)
      if amount * e.sign > greatest then
        greatest = amount * e.sign
        found[n + 1], found[n + 2], n = greatest, from + (p - 1) / RECORD, n + 2
      end
    end
    while n > 0 do
      if e.kept == CAPACITY then e.cut = 1; return end
      e[2 * e.kept + 1], e[2 * e.kept + 2] = found[n], found[n - 1]
      e.kept, n = e.kept + 1, n - 2
    end
  end

  -- The entries of which there are kept at byte start of the head, without those that have left the longest window.
  local function extreme(sign, kept, cut, start)
    local e, first = kept > 0 and {unpack(doubles(2 * kept), head, start)} or {}, f[LIVE_AT + FIRST]
    local gone = 0
    while gone < kept and e[2 * gone + 1] < first do gone = gone + 1 end
    if gone > 0 then e = {values(e, 2 * gone + 1, 2 * kept)} end
    e.sign, e.kept, e.cut = sign, kept - gone, cut
    if cut == 1 and e.kept < CAPACITY / 2 then
      refill(e, e.kept > 0 and e[2 * e.kept - 1] + 1 or first)
    end
    return e
  end

  local function push(e, sequence, amount)
    local value, kept = amount * e.sign, e.kept
    while kept > 0 and e[2 * kept] <= value do kept = kept - 1 end
    if kept < e.kept then e.cut = 0 end
    if e.cut == 0 and kept < CAPACITY then
      kept = kept + 1
      e[2 * kept - 1], e[2 * kept] = sequence, value
    else e.cut = 1 end
    e.kept = kept
  end

  local function greatest(e, first)
    for j = 1, 2 * e.kept, 2 do
      if e[j] >= first then return e[j + 1] * e.sign end
    end
    return scan(e.sign, first) * e.sign
  end

  local function expireAll(now)
    for m = 1, MARKS do
      local limit = now - marks[m]
      if f[at[m] + TIME] <= limit then expire(m, limit) end
    end
  end

  -- The number of the counterparty's last event in the longest live window, or false; marks that event superseded.
  local function supersede(counterparty)
    local sequence = call('HGET', key .. ':c', counterparty)
    call('HSET', key .. ':c', counterparty, f[NEXT])
    if not sequence then return false end
    sequence = tonumber(sequence)
    local o = offset(sequence) + SUPERSEDED
    if #head < PREFIX then head = sub(head, 1, o) .. '\1' .. sub(head, o + 2)
    else call('SETRANGE', key, o, '\1') end
    return sequence
  end

  local function add(now, amount, counterparty, event)
    local sequence, before, known = f[NEXT], false, DISTINCT and counterparty ~= NONE
    if known then before = supersede(counterparty) end
    local high, low
    if SQUARES then high, low = square(amount) end
    for m = 1, MARKS do
      local s = at[m]
      if f[s + TIME] == huge then f[s + TIME] = now end
      f[s + SUM] = f[s + SUM] + amount
      if SQUARES then
        local sum = f[s + LOW] + low
        if sum >= TWO40 then f[s + LOW], f[s + HIGH] = sum - TWO40, f[s + HIGH] + high + 1
        else f[s + LOW], f[s + HIGH] = sum, f[s + HIGH] + high end
      end
      if known and not (before and before >= f[s + FIRST]) then f[s + KINDS] = f[s + KINDS] + 1 end
    end
    f[NEXT], f[NEWEST] = sequence + 1, now
    return pack('<I6I7BB', now, amount, known and 0 or 1, 0)
      .. (DISTINCT and counterparty or '') .. (LABELS and event or ''), known and not before and f[LIVE_AT + KINDS] == 1
  end

  -- Writes the header, and the record if there is one. What was read whole is written whole (exact allocation, one
  -- call); else in place, unless the entries need more room or more than half of the log is dead.
  local function save(max, min, new, now, newcomer)
    local n, entries = FIELDS, 0
    if max then
      f[MAX_KEPT], f[MAX_CUT], entries = max.kept, max.cut, max.kept
      for j = 1, 2 * max.kept do f[n + j] = max[j] end
      n = n + 2 * max.kept
    end
    if min then
      f[MIN_KEPT], f[MIN_CUT], entries = min.kept, min.cut, entries + min.kept
      for j = 1, 2 * min.kept do f[n + j] = min[j] end
      n = n + 2 * min.kept
    end
    local renew = new and now - f[RENEWED] >= DAY
    if renew then f[RENEWED] = now end
    local dead = f[at[MARKS] + FIRST] - f[BASE]
    local whole = #head < PREFIX
    if entries > f[ROOM] or (new and (whole or (dead > 32 and dead * 2 > f[NEXT] - f[BASE]))) then
      local from, upTo = offset(f[BASE] + dead), offset(new and f[NEXT] - 1 or f[NEXT])
      local log = whole and sub(head, from + 1, upTo) or call('GETRANGE', key, from, upTo - 1)
      f[BASE], f[ROOM] = f[BASE] + dead, whole and entries or entries + 8
      logAt = (FIELDS + 2 * f[ROOM]) * 8
      local text = pack(doubles(n), values(f, 1, n)) .. rep('\0', logAt - n * 8) .. log .. (new or '')
      if renew then call('SET', key, text, 'PX', TTL) else call('SET', key, text, 'KEEPTTL') end
    else
      if new then call('SETRANGE', key, offset(f[NEXT] - 1), new) end
      call('SETRANGE', key, 0, pack(doubles(n), values(f, 1, n)))
      if renew then call('PEXPIRE', key, TTL) end
    end
    -- The counterparties outlive the log by a minute: without them it could not be read right.
    if DISTINCT and (renew or newcomer) then call('PEXPIRE', key .. ':c', TTL + 60000) end
  end

  local function answer(out, n, max, min)
    for w = 1, WINDOWS do
      local a, b = FROM[w], TO[w]
      local first, last = f[a + FIRST], b and f[b + FIRST] or f[NEXT]
      out[n + 1], out[n + 2] = last - first, f[a + SUM] - (b and f[b + SUM] or 0)
      out[n + 3] = last > first and f[a + TIME] or 0
      n = n + 3
      if SQUARES then
        local high, low = f[a + HIGH], f[a + LOW]
        if b then
          high, low = high - f[b + HIGH], low - f[b + LOW]
          if low < 0 then high, low = high - 1, low + TWO40 end
        end
        out[n + 1], out[n + 2], n = high, low, n + 2
      end
      -- Extremes and distinct are kept over windows without delay only; 0 / 0 is NaN.
      if max then out[n + 1] = b and 0 / 0 or (last > first and greatest(max, first) or 0); n = n + 1 end
      if min then out[n + 1] = b and 0 / 0 or (last > first and greatest(min, first) or 0); n = n + 1 end
      if DISTINCT then out[n + 1] = b and 0 / 0 or f[a + KINDS]; n = n + 1 end
      if LABELS then out[n + 1] = f[a + FRAUDS] - (b and f[b + FRAUDS] or 0); n = n + 1 end
    end
    return n
  end

  -- Reads the entity as of the time, after adding the event if it is to be added; writes its numbers behind out[n],
  -- where they are wanted.
  local function touch(name, time, adds, peeks, amount, counterparty, event, out, n)
    local exists = open(name)
    peeking = peeks
    if not exists then
      f, logAt = fresh(time), FIELDS * 8
      if adds and DISTINCT then call('UNLINK', key .. ':c') end -- left behind, should the log alone have been evicted
    end
    local clock, newest = f[CLOCK], f[NEWEST]
    local now = time > clock and time or clock
    expireAll(now)
    f[CLOCK] = now
    local max, min, new, newcomer
    if state.maximum then max = extreme(1, f[MAX_KEPT], f[MAX_CUT], FIELDS * 8 + 1) end
    if state.minimum then
      min = extreme(-1, f[MIN_KEPT], f[MIN_CUT], (FIELDS + (max and 2 * f[MAX_KEPT] or 0)) * 8 + 1)
    end
    if adds then
      if max then push(max, f[NEXT], amount) end
      if min then push(min, f[NEXT], amount) end
      new, newcomer = add(now, amount, counterparty, event)
    end
    if adds then save(max, min, new, now, newcomer)
    elseif exists and now > clock and not peeking then save(max, min) end
    if not out then return end
    out[n + 1], out[n + 2], out[n + 3] = now, f[NEXT], newest
    return answer(out, n + 3, max, min)
  end

  -- The sequence of the event, or false: by time first, then on by its id, for a late event stands behind its own time.
  local function locate(time, event)
    local low, high = f[at[MARKS] + FIRST], f[NEXT]
    while low < high do
      local middle = floor((low + high) / 2)
      local o = offset(middle)
      local bytes = call('GETRANGE', key, o, o + 5)
      if unpack('<I6', bytes) < time then low = middle + 1 else high = middle end
    end
    local records = 256
    for from = low, f[NEXT] - 1, records do
      local text = call('GETRANGE', key, offset(from), offset(math.min(from + records, f[NEXT])) - 1)
      local p = find(text, event, 1, true)
      while p do
        if (p - 1) % RECORD == EVENT then return from + (p - 1 - EVENT) / RECORD end
        p = find(text, event, p + 1, true)
      end
    end
    return false
  end

  -- Sets the fraud flag of an event: 1 changed, 0 it was so already, -1 no window holds such an event.
  local function label(name, time, event, fraud)
    if not LABELS or not open(name) then return -1 end
    local sequence = locate(time, event)
    if not sequence then return -1 end
    local o = offset(sequence) + FRAUD
    local change = fraud - byte(call('GETRANGE', key, o, o))
    if change == 0 then return 0 end
    call('SETRANGE', key, o, fraud == 1 and '\1' or '\0')
    for m = 1, MARKS do
      if sequence >= f[at[m] + FIRST] then f[at[m] + FRAUDS] = f[at[m] + FRAUDS] + change end
    end
    call('SETRANGE', key, 0, pack(doubles(FIELDS), values(f, 1, FIELDS)))
    return 1
  end

  return {touch = touch, label = label}
end
`;
