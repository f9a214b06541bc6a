import type { OnlinePlan, StatePlan } from '@vigia/features';
import { WINDOWS_LUA } from './windows-lua.js';

/** Raised with every change of arguments or answers, so that old and new pods find each their functions. */
const WIRE_VERSION = 2;

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
return {observe = observe, label = label}
end

local functions
redis.register_function('${name}_observe', function(keys, args)
  functions = functions or build()
  return functions.observe(keys, args)
end)
redis.register_function('${name}_label', function(keys, args)
  functions = functions or build()
  return functions.label(keys, args)
end)
`;
}

/** What the client calls; wire.ts packs the arguments and reads the answers. */
const CALLS_LUA = String.raw`
local states = {}
for i = 1, #STATES do states[i] = windowsOf(STATES[i]) end

local function now()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

-- keys: marker of the event, then the entities that are present. args[1]: time d, amount d, event c8,
-- idempotency in ms d, what to do B (0 read, 1 add, 2 peek: read and write nothing); then per entity its index in the
-- plan B, with the high bit where the payment is an event of it, and the counterparty c8.
-- Answers doubles: 1 if the event was added by this call, else 0; the server's time in microseconds; then the numbers
-- of each entity that is present.
local function observe(keys, args)
  local request = args[1]
  local time, amount, event, idempotencyMs, wanted, p = unpack('<ddc8dB', request)
  local adds = wanted == 1 and call('SET', keys[1], '', 'NX', 'PX', idempotencyMs) and true or false
  local out, n = {adds and 1 or 0, now()}, 2
  for k = 2, #keys do
    local index, counterparty
    index, counterparty, p = unpack('<Bc8', request, p)
    local isEvent = index >= 128
    local state = states[ENTITIES[isEvent and index - 127 or index + 1]]
    n = state.touch(keys[k], time, adds and isEvent, wanted == 2, amount, counterparty, event, out, n)
  end
  return pack(doubles(n), values(out, 1, n))
end

-- keys: the entities. args[1]: time d, event c8, fraud B; then per entity its index in the plan B.
-- Answers the server's time in microseconds d, then one signed byte per entity, see label of the state.
local function label(keys, args)
  local time, event, fraud, p = unpack('<dc8B', args[1])
  local out = {pack('<d', now())}
  for k = 1, #keys do
    local index
    index, p = unpack('<B', args[1], p)
    out[k + 1] = pack('<b', states[ENTITIES[index + 1]].label(keys[k], time, event, fraud))
  end
  return table.concat(out)
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
