import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoDay } from './demo-day.js';
import { eventsOfDay, prepare, type PreparedWorld } from './preparation.js';
import { startServices, freePorts, type ServicePorts } from './services.js';
import { startStack, type RunningApp, type Stack } from './stack.js';
import { pixWorld } from './world.js';

/** Small, and with more fraud than life has, so that a few thousand payments can teach a model. */
const world = pixWorld({ seed: 11, historyDays: 40, paymentsPerDay: 500, fraudShare: 0.02 });

let directory: string;
let stack: Stack;
let prepared: PreparedWorld;
let ports: ServicePorts;
let apps: RunningApp[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-pipeline-'));
  stack = await startStack(directory);
  prepared = await prepare(world, stack, () => undefined);
  ports = await freePorts();
  apps = await startServices(world, stack, prepared, ports);
}, 600_000);

afterAll(async () => {
  for (const app of apps) await app.stop();
  prepared?.store.close();
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

test('history, training and a day of payments through scoring and ingestion, explained and recorded', async () => {
  const day = await eventsOfDay(world, prepared.dayFromMs, prepared.pseudonymiser);
  const demo = new DemoDay({
    scoringUrl: `http://127.0.0.1:${ports.scoring}`,
    ingestionUrl: `http://127.0.0.1:${ports.ingestion}`,
    key: stack.key,
    labelEarlier: () => Promise.resolve(),
  });
  await demo.stream(day.events, 500, () => undefined);
  const { tally } = demo;
  expect(tally.failed).toBe(0);
  expect(tally.overXml).toBeGreaterThan(20);
  expect(tally.decisions.approve).toBeGreaterThan(tally.sent / 2);
  expect(tally.fraud.seen).toBeGreaterThan(0);
  expect(tally.decisions.review + tally.decisions.reject).toBeGreaterThan(0);

  const [stopped] = [...demo.rejected, ...demo.held];
  const answer = await fetch(`http://127.0.0.1:${ports.scoring}/v1/assessments/${stopped}`, {
    headers: { 'x-api-key': stack.key },
  });
  const assessment = (await answer.json()) as { reasons: object[]; model: object | null; probability: number | null };
  expect(assessment.model).not.toBeNull();
  expect(assessment.probability).not.toBeNull();
  expect(assessment.reasons.length).toBeGreaterThan(0);
}, 120_000);
