export { simulate, type SimulatedPayment, type SimulationOptions } from './simulation.js';
export { simulateEvents, type SimulatedEvent } from './events.js';
export { SCENARIO_NAMES, type ScenarioName, type Truth } from './plan.js';
