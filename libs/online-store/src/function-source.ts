import type { OnlinePlan, StatePlan } from '@vigia/features';
import { WINDOWS_LUA } from './windows-lua.js';

/** Name of the library on the server, and the beginning of its functions' names. */
export function libraryName(plan: OnlinePlan): string {
  return `vigia_${plan.id}`;
}

/** Source of the server-side function library of a plan, as FUNCTION LOAD takes it. Throws where the plan asks for what no window can have. */
export function functionSource(plan: OnlinePlan): string {
  const states = plan.states.map(stateConstants).join(',\n  ');
  const entities = plan.entities.map((e) => `{state = ${e.state + 1}, observe = ${e.observe}}`).join(',\n  ');
  return `#!lua name=${libraryName(plan)}
local ID = '${plan.id}'
local STATES = {
  ${states},
}
local ENTITIES = {
  ${entities},
}
${WINDOWS_LUA}`;
}

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
