import type { OnlinePlan, StatePlan } from '@vigia/features';
import { REBUILD_LUA } from './rebuild-lua.js';
import { WINDOWS_LUA } from './windows-lua.js';

/** Raised with every change of arguments or answers, so that old and new pods find each their functions. */
const WIRE_VERSION = 3;

/** Name of the library on the server, and the beginning of its functions' names. */
export function libraryName(plan: OnlinePlan): string {
  return `vigia${WIRE_VERSION}_${plan.id}`;
}

/**
 * Source of the server-side function library of a plan, as FUNCTION LOAD takes it.
 * Throws where a state keeps extremes or distinct and has no window without delay.
 */
export function functionSource(plan: OnlinePlan): string {
  const name = libraryName(plan);
  const states = plan.states.map(stateConstants).join(',\n  ');
  const entities = plan.entities.map((entity) => entity.state + 1).join(', ');
  return `#!lua name=${name}
local STATES = {
  ${states},
}
-- The state that each entity reads.
local ENTITIES = {${entities}}

-- Built at the first call: while a library loads, redis.call and the libraries of Lua do not exist.
local function build()

${WINDOWS_LUA}
${CALLS_LUA}
${REBUILD_LUA}
return {${FUNCTIONS.map((each) => `${each} = ${each}`).join(', ')}}
end

local functions
${FUNCTIONS.map((each) => registration(name, each)).join('\n')}
`;
}

/** What the library registers, each under the library's name and its own. */
const FUNCTIONS = ['observe', 'label', 'observe_one', 'label_one', 'replay', 'copy', 'drain'];

function registration(library: string, name: string): string {
  return `redis.register_function('${library}_${name}', function(keys, args)
  functions = functions or build()
  return functions.${name}(keys, args)
end)`;
}

/**
 * What the client calls; wire.ts packs the arguments and reads the answers.
 *
 * On a single node the first of KEYS is the control key: it says which generation of the state is live, as the suffix
 * of all keys of entities. The client knows only keys without suffix; the names with it are derived here. On a Cluster
 * a function may touch no key but those passed: there is one generation, and observe_one and label_one get no control.
 */
const CALLS_LUA = String.raw`
local states = {}
for i = 1, #STATES do states[i] = windowsOf(STATES[i]) end

-- Rises with every call: a clock that is set back does not change the order of arrival.
local last = 0
local function now()
  local time = call('TIME')
  local us = time[1] * 1000000 + time[2]
  last = us > last and us or last + 1
  return last
end

-- The live suffix, and while calls are copied for a rebuild how many the tail may hold: 'SUFFIX' or 'SUFFIX|BOUND'.
local controlText, live, bound = false, '', nil
local function generation(control)
  local text = call('GET', control)
  if text ~= controlText then
    local suffix, limit = string.match(text or '', '^([^|]*)|?(%d*)$')
    controlText, live, bound = text, suffix, tonumber(limit)
  end
  return live, bound
end

-- A marker names the generations that hold its event: their suffixes, with commas between. Answers false where this one
-- does already, else it does from here on. A marker that would be too old by now is not made.
local function enter(marker, suffix, rememberMs)
  if rememberMs > 0 and call('SET', marker, suffix, 'NX', 'PX', rememberMs) then return true end
  local holding = call('GET', marker)
  if not holding then return true end
  if find(',' .. holding .. ',', ',' .. suffix .. ',', 1, true) then return false end
  call('SET', marker, holding .. ',' .. suffix, 'KEEPTTL')
  return true
end

-- Touches the entities of an observe's request, whose keys begin at keys[at]; writes their numbers behind out[n].
local function touchAll(request, keys, at, suffix, adds, peeks, out, n)
  local time, amount, event, _, _, p = unpack('<ddc8dB', request)
  for k = at, at + (#request - p + 1) / 9 - 1 do
    local index, counterparty
    index, counterparty, p = unpack('<Bc8', request, p)
    local isEvent = index >= 128
    local state = states[ENTITIES[isEvent and index - 127 or index + 1]]
    n = state.touch(keys[k] .. suffix, time, adds and isEvent, peeks, amount, counterparty, event, out, n)
  end
  return n
end

-- Labels the event in the entities of a request, whose keys begin at keys[at]; writes the results behind out[n].
local function labelAll(request, keys, at, suffix, out, n)
  local time, event, fraud, p = unpack('<dc8B', request)
  for i = 0, #request - p do
    local state = states[ENTITIES[byte(request, p + i) + 1]]
    out[n + i + 1] = pack('<b', state.label(keys[at + i] .. suffix, time, event, fraud))
  end
end

-- Appends what may change a state to the tail of a rebuild; one that outgrows its bound is given up.
local function copyToTail(control, kind, arrived, request, keys, at)
  local tail = control .. ':tail'
  if call('RPUSH', tail, cmsgpack.pack(kind, arrived, request, {values(keys, at)})) > bound then
    call('UNLINK', tail)
    call('HDEL', control .. ':rebuild', 'since')
    call('SET', control, live)
  end
end

-- The request: time d, amount d, event c8, idempotency in ms d, what to do B (0 read, 1 add, 2 peek: read and write
-- nothing); then per entity its index in the plan B, with the high bit where the payment is an event of it, and the
-- counterparty c8.
-- Answers doubles: 1 if the event was added by this call, else 0; the server's time in microseconds; then the numbers
-- of each entity that is present.
local function observeAt(request, control, keys, marker, suffix)
  local idempotencyMs, wanted = unpack('<dB', request, 25)
  local adds = wanted == 1 and enter(keys[marker], suffix, idempotencyMs)
  local arrived = now()
  local out = {adds and 1 or 0, arrived}
  local n = touchAll(request, keys, marker + 1, suffix, adds, wanted == 2, out, 2)
  -- A repeat too: the generation that is built may lack what this one holds.
  if control and bound and wanted ~= 2 then copyToTail(control, 'payment', arrived, request, keys, marker) end
  return pack(doubles(n), values(out, 1, n))
end

-- keys: control, marker of the event, then the entities that are present.
local function observe(keys, args)
  return observeAt(args[1], keys[1], keys, 2, (generation(keys[1])))
end

-- keys: marker of the event in the entity's slot, then the entity, if any.
local function observe_one(keys, args)
  return observeAt(args[1], nil, keys, 1, '')
end

-- The request: time d, event c8, fraud B; then per entity its index in the plan B.
-- Answers the server's time in microseconds d, then one signed byte per entity, see label of the state.
local function labelAt(request, control, keys, at, suffix)
  local arrived = now()
  local out = {pack('<d', arrived)}
  labelAll(request, keys, at, suffix, out, 1)
  if control and bound then copyToTail(control, 'label', arrived, request, keys, at) end
  return table.concat(out)
end

-- keys: control, then the entities.
local function label(keys, args)
  return labelAt(args[1], keys[1], keys, 2, (generation(keys[1])))
end

-- keys: the entity.
local function label_one(keys, args)
  return labelAt(args[1], nil, keys, 1, '')
end
`;

/** Marks: the distinct ages at which an event enters or leaves a window, rising. Indexes are Lua's; 0 is none. */
function stateConstants(state: StatePlan): string {
  const ages = state.windows.flatMap((window) => [window.delayMs, window.delayMs + window.lengthMs]);
  const marks = [...new Set(ages)].filter((age) => age > 0).sort((a, b) => a - b);
  const markOf = (age: number) => marks.indexOf(age) + 1;
  const froms = state.windows.map((window) => markOf(window.delayMs + window.lengthMs));
  const tos = state.windows.map((window) => markOf(window.delayMs));
  const live = Math.max(0, ...state.windows.filter((w) => w.delayMs === 0).map((w) => markOf(w.lengthMs)));
  if (live === 0 && (state.maximum || state.minimum || state.distinct)) {
    throw new Error(`state ${state.name} keeps extremes or distinct but has no window without delay`);
  }
  return (
    `{marks = {${marks}}, froms = {${froms}}, tos = {${tos}}, live = ${live}, squares = ${state.squares}, ` +
    `maximum = ${state.maximum}, minimum = ${state.minimum}, distinct = ${state.distinct}, labels = ${state.labels}}`
  );
}
