import { aggregate, computed } from './declaration.js';
import { add, atLeast, divide, field, floor, greater, modulo } from './expression.js';
import type { Feature, FeatureSet } from './feature-set.js';

const DAY_MS = 86_400_000;
const day = floor(divide(field('accepted_at_ms'), DAY_MS));
const hour = floor(divide(modulo(field('accepted_at_ms'), DAY_MS), 3_600_000));

const customer: Feature[] = ['1d', '7d', '30d'].flatMap((span) => [
  aggregate('customer', 'count', span, 'CUSTOMER'),
  aggregate('customer', 'mean', span, 'CUSTOMER'),
]);
/** The window ended a week ago: a label is known 7 days after its transaction. */
const terminal: Feature[] = ['1d', '7d', '30d'].flatMap((span) => [
  aggregate('terminal', 'count', `${span}@7d`, 'TERMINAL'),
  aggregate('terminal', 'labelled_share', `${span}@7d`, 'TERMINAL'),
]);

/**
 * The 15 features of the Fraud Detection Handbook (Le Borgne et al., 2022, chapter 3), so that the platform can be
 * held against published results. Payer is the customer, payee the terminal; hours are UTC, as the data set has no zone.
 */
export const HANDBOOK: FeatureSet = {
  name: 'handbook',
  owner: 'fraud-models',
  entities: [
    { name: 'customer', key: ['payer'] },
    { name: 'terminal', key: ['payee'] },
  ],
  features: [
    computed('amount', 'Amount', '', 'AMOUNT', divide(field('amount_cents'), 100)),
    computed('during_weekend', 'Saturday or Sunday', '0/1', 'TIME', atLeast(modulo(add(day, 3), 7), 5)),
    computed('during_night', '0h to 6h', '0/1', 'TIME', greater(7, hour)),
    ...customer,
    ...terminal,
  ],
  reasons: {
    AMOUNT: { pt: 'O valor é alto', en: 'The amount is high' },
    TIME: { pt: 'O horário é incomum', en: 'The hour is unusual' },
    CUSTOMER: { pt: 'O pagamento foge do hábito do cliente', en: 'The payment is unlike the customer' },
    TERMINAL: { pt: 'O terminal teve fraudes', en: 'The terminal had frauds' },
  },
};
