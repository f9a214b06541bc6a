import { Fault } from '@vigia/contracts';
import { NestLogger, createLogger, logFault, type LogLevel } from './log.js';

const logger = (level: LogLevel) => {
  const lines: string[] = [];
  const made = createLogger(
    { service: 'probe', version: '1', level },
    { write: (line: string) => void lines.push(line) },
  );
  return { logger: made, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

test('a line is JSON with level, time, service and version', () => {
  const { logger: log, parsed } = logger('info');
  log.info({ route: '/x' }, 'done');
  expect(parsed()[0]).toMatchObject({ level: 'info', service: 'probe', version: '1', route: '/x', msg: 'done' });
  expect(parsed()[0]!['time']).toEqual(expect.any(Number));
});

test('identifiers and secrets are cut out at every depth down to three', () => {
  const { logger: log, lines } = logger('info');
  log.info({ taxId: 'SECRET', a: { key: 'SECRET', b: { ip: 'SECRET' } }, payer: { name: 'SECRET' } }, 'x');
  log.info({ headers: { authorization: 'SECRET', 'x-api-key': 'SECRET' } }, 'y');
  expect(lines.join()).not.toContain('SECRET');
});

test('properties that drivers put onto errors are not logged, causes are', () => {
  const { logger: log, lines, parsed } = logger('info');
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (tax_id)=(SECRET) exists' });
  log.error({ err: new Error('insert failed', { cause }) }, 'x');
  expect(lines.join()).not.toContain('SECRET');
  expect(parsed()[0]!['err']).toMatchObject({ message: 'insert failed', cause: { code: '23505' } });
});

test('faults are logged by who must act', () => {
  const { logger: log, parsed } = logger('debug');
  logFault(log, new Fault('invalid_request', { detail: 'bad' }));
  logFault(log, new Fault('dependency_unavailable', { detail: 'away' }));
  logFault(log, new Fault('internal', { detail: 'broken', cause: new Error('why') }));
  expect(parsed().map(({ level }) => level)).toEqual(['debug', 'warn', 'error']);
  expect(parsed()[2]).toMatchObject({ code: 'internal', err: { message: 'why' } });
});

test("Nest's start-up lines are debug, its other lines keep their level", () => {
  const { logger: log, parsed } = logger('debug');
  const nest = new NestLogger(log);
  nest.log('Mapped route', 'RouterExplorer');
  nest.log('hello', 'Greeter');
  nest.error(new Error('broken'), 'Greeter');
  expect(parsed().map(({ level, msg }) => `${String(level)} ${String(msg)}`)).toEqual([
    'debug Mapped route',
    'info hello',
    'error broken',
  ]);
});
