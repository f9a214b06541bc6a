import type { OnlinePlan } from '@vigia/features';

/** Short windows of every kind: all statistics, delayed ones that meet and that overlap, a state with sums alone. */
export const TEST_PLAN: OnlinePlan = {
  id: 'a0b1c2d3e4f5',
  states: [
    {
      name: 'payer',
      windows: [
        { lengthMs: 1_000, delayMs: 0 },
        { lengthMs: 20_000, delayMs: 0 },
        { lengthMs: 5_000, delayMs: 0 },
        { lengthMs: 4_000, delayMs: 1_000 },
      ],
      maximum: true,
      minimum: true,
      distinct: true,
      squares: true,
      labels: true,
    },
    {
      name: 'payee',
      windows: [
        { lengthMs: 3_000, delayMs: 2_000 },
        { lengthMs: 20_000, delayMs: 5_000 },
        { lengthMs: 2_000, delayMs: 0 },
      ],
      maximum: false,
      minimum: false,
      distinct: false,
      squares: true,
      labels: true,
    },
    {
      name: 'pair',
      windows: [{ lengthMs: 5_000, delayMs: 0 }],
      maximum: false,
      minimum: true,
      distinct: true,
      squares: false,
      labels: false,
    },
  ],
  entities: [
    { name: 'payer', state: 0, observe: true },
    { name: 'payee', state: 1, observe: true },
    { name: 'payee_as_payer', state: 0, observe: false },
    { name: 'pair', state: 2, observe: true },
  ],
};
