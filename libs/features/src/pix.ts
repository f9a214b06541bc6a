import { BRASILIA_OFFSET_MS, type FeatureSet } from './feature-set.js';
import { aggregate, computed } from './declaration.js';
import {
  add,
  atLeast,
  coalesce,
  divide,
  equal,
  feature,
  field,
  floor,
  greater,
  modulo,
  multiply,
  not,
  or,
  subtract,
  type Expression,
} from './expression.js';
import type { FieldName } from './fields.js';
import { PIX_REASONS } from './pix-reasons.js';

type ReasonCode = keyof typeof PIX_REASONS;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const local = subtract(field('accepted_at_ms'), BRASILIA_OFFSET_MS);
const localDay = floor(divide(local, DAY_MS));
const localHour = floor(divide(modulo(local, DAY_MS), HOUR_MS));
/** 0 is Monday; 1 January 1970 was a Thursday. */
const weekday = modulo(add(localDay, 3), 7);

const ask = (name: FieldName): Expression => field(name);
/** Time from a moment in the payment's past until it was accepted. */
const ago = (moment: FieldName, unitMs: number): Expression =>
  divide(subtract(field('accepted_at_ms'), field(moment)), unitMs);
const pix = (name: string, description: string, unit: string, reason: ReasonCode, expression: Expression) =>
  computed(name, description, unit, reason, expression);
const over = (entity: string, aggregation: Parameters<typeof aggregate>[1], reason: ReasonCode, ...spans: string[]) =>
  spans.map((span) => aggregate(entity, aggregation, span, reason));
const ratio = (top: Expression, bottom: string): Expression => divide(top, feature(bottom));

const amount = feature('amount');

const paymentFeatures = [
  pix('amount', 'Amount', 'R$', 'AMOUNT', divide(field('amount_cents'), 100)),
  pix(
    'amount_is_round',
    'Amount is a multiple of R$ 50',
    '0/1',
    'AMOUNT',
    equal(modulo(field('amount_cents'), 5000), 0),
  ),
  pix('local_hour', 'Hour in Brasília', 'h', 'TIME_OF_DAY', localHour),
  pix('is_night', '20h to 06h in Brasília', '0/1', 'TIME_OF_DAY', or(atLeast(localHour, 20), greater(6, localHour))),
  pix('day_of_week', 'Day of the week, 0 is Monday', 'd', 'TIME_OF_DAY', weekday),
  pix('initiated_manually', 'Account data typed by hand', '0/1', 'INITIATION', ask('initiated_manually')),
  pix('initiated_by_dynamic_code', 'Dynamic QR code', '0/1', 'INITIATION', ask('initiated_by_dynamic_code')),
  pix('arrived', 'We are the payee’s institution', '0/1', 'PARTIES', ask('arrived')),
  pix(
    'look_up_to_payment',
    'From the minute in the EndToEndId to the order',
    's',
    'INITIATION',
    ago('end_to_end_minute_ms', 1000),
  ),
  pix('same_institution', 'Both in one institution', '0/1', 'PARTIES', ask('same_institution')),
  pix('payer_is_company', 'Payer is a company', '0/1', 'PARTIES', ask('payer_legal_person')),
  pix('payee_is_company', 'Payee is a company', '0/1', 'PARTIES', ask('payee_legal_person')),
  pix('tax_id_invalid', 'A tax id has wrong check digits', '0/1', 'PARTIES', ask('tax_id_invalid')),
  pix(
    'balance_share',
    'Share of the balance that is paid',
    '',
    'BALANCE_DRAINED',
    divide(field('amount_cents'), field('session_balance_cents')),
  ),
];

const channelFeatures = [
  pix('device_registered', 'Device registered', '0/1', 'DEVICE', ask('device_registered')),
  pix('device_age', 'Time since the device was first seen', 'd', 'DEVICE', ago('device_first_seen_ms', DAY_MS)),
  pix('anonymous_network', 'VPN, proxy or hosting provider', '0/1', 'DEVICE', ask('device_anonymous_network')),
  pix(
    'device_tampered',
    'Emulator or rooted',
    '0/1',
    'DEVICE_TAMPERED',
    or(coalesce(field('device_emulator'), 0), coalesce(field('device_rooted'), 0)),
  ),
  pix('accessibility_service', 'Accessibility service active', '0/1', 'DEVICE_TAMPERED', ask('device_accessibility')),
  pix(
    'remote_access',
    'Remote access or shared screen',
    '0/1',
    'DEVICE_TAMPERED',
    or(coalesce(field('device_remote_access'), 0), coalesce(field('device_screen_share'), 0)),
  ),
  pix('sim_changed', 'Time since the SIM changed', 'h', 'CREDENTIALS_CHANGED', ago('device_sim_changed_ms', HOUR_MS)),
  pix('distance', 'Distance from the usual place', 'km', 'PLACE', ask('device_distance_km')),
  pix('session_age', 'From login to payment', 's', 'SESSION', ago('session_started_ms', 1000)),
  pix('failed_authentications', 'Failed authentications', '', 'SESSION', ask('session_failed_authentications')),
  pix('on_call', 'A phone call was on', '0/1', 'SESSION', ask('session_on_call')),
  pix(
    'credential_reset',
    'Time since a credential was reset',
    'h',
    'CREDENTIALS_CHANGED',
    ago('session_credential_reset_ms', HOUR_MS),
  ),
  pix(
    'limit_raised',
    'Time since a limit was raised',
    'h',
    'CREDENTIALS_CHANGED',
    ago('session_limit_raised_ms', HOUR_MS),
  ),
  pix('key_pasted', 'Key was pasted', '0/1', 'SESSION', ask('session_key_pasted')),
  pix('behaviour_anomaly', 'Anomaly of touch and typing', '0 to 1', 'SESSION', ask('session_behaviour_anomaly')),
  pix('trusted_payee', 'Payee on the payer’s trusted list', '0/1', 'NEW_PAYEE', ask('session_trusted_payee')),
];

const dictFeatures = [
  pix(
    'payee_account_age',
    'Age of the payee’s account',
    'd',
    'PAYEE_ACCOUNT_NEW',
    ago('dict_account_opened_ms', DAY_MS),
  ),
  pix('key_age', 'Age of the key', 'd', 'PAYEE_ACCOUNT_NEW', ago('dict_key_created_ms', DAY_MS)),
  pix(
    'key_ownership_age',
    'Time the payee has owned the key',
    'd',
    'PAYEE_ACCOUNT_NEW',
    ago('dict_key_owned_since_ms', DAY_MS),
  ),
  pix('key_open_claim', 'A claim on the key is open', '0/1', 'PAYEE_ACCOUNT_NEW', ask('dict_open_claim')),
  pix(
    'payee_settlements_90d',
    'Settlements of the payee, 90 days',
    '',
    'PAYEE_HISTORY',
    ask('dict_owner_settlements_d90'),
  ),
  pix('key_settlements_90d', 'Settlements by the key, 90 days', '', 'PAYEE_HISTORY', ask('dict_key_settlements_d90')),
  pix('payee_mule_markers_90d', 'Mule markers, 90 days', '', 'PAYEE_MARKED', ask('dict_owner_mule_d90')),
  pix(
    'payee_markers_60m',
    'Fraud markers, 60 months',
    '',
    'PAYEE_MARKED',
    add(
      add(coalesce(field('dict_owner_mule_m60'), 0), coalesce(field('dict_owner_scammer_m60'), 0)),
      coalesce(field('dict_owner_application_fraud_m60'), 0),
    ),
  ),
  pix(
    'payee_reporters_12m',
    'Institutions that marked the payee, 12 months',
    '',
    'PAYEE_MARKED',
    ask('dict_owner_reporters_m12'),
  ),
  pix('payee_open_reports', 'Open infraction reports', '', 'PAYEE_MARKED', ask('dict_owner_open_reports')),
];

const historyFeatures = [
  ...over('payer', 'count', 'PAYER_VELOCITY', '10m', '1h', '1d', '30d'),
  ...over('payer', 'sum', 'PAYER_VELOCITY', '1h', '1d', '30d'),
  ...over('payer', 'maximum', 'AMOUNT_UNUSUAL_FOR_PAYER', '30d'),
  ...over('payer', 'mean', 'AMOUNT_UNUSUAL_FOR_PAYER', '30d'),
  ...over('payer', 'standard_deviation', 'AMOUNT_UNUSUAL_FOR_PAYER', '30d'),
  ...over('payer', 'distinct_counterparties', 'PAYER_VELOCITY', '1d', '30d'),
  ...over('payer', 'time_since_last', 'PAYER_VELOCITY', '30d'),
  ...over('payer', 'labelled_count', 'PAYER_CONFIRMED_FRAUD', '30d'),
  ...over('payee', 'count', 'PAYEE_VELOCITY', '10m', '1h', '1d', '30d'),
  ...over('payee', 'sum', 'PAYEE_VELOCITY', '1h', '1d', '30d'),
  ...over('payee', 'distinct_counterparties', 'PAYEE_VELOCITY', '1h', '1d', '30d'),
  ...over('payee', 'time_since_last', 'PAYEE_VELOCITY', '30d'),
  ...over('payee', 'age_of_first', 'PAYEE_ACCOUNT_NEW', '30d'),
  ...over('payee', 'labelled_count', 'PAYEE_CONFIRMED_FRAUD', '30d'),
  ...over('payee', 'labelled_share', 'PAYEE_CONFIRMED_FRAUD', '30d'),
  ...over('payee_as_payer', 'count', 'PASS_THROUGH', '1d'),
  ...over('payee_as_payer', 'sum', 'PASS_THROUGH', '1h', '1d'),
  ...over('payee_as_payer', 'time_since_last', 'PASS_THROUGH', '30d'),
  ...over('pair', 'count', 'NEW_PAYEE', '90d'),
  ...over('pair', 'time_since_last', 'NEW_PAYEE', '90d'),
  ...over('device', 'count', 'DEVICE_SHARED', '1d'),
  ...over('device', 'distinct_counterparties', 'DEVICE_SHARED', '30d'),
  ...over('night', 'sum', 'TIME_OF_DAY', '10h'),
  ...over('unregistered_device_day', 'sum', 'DEVICE', '1d'),
];

const ratioFeatures = [
  pix('new_payee', 'First payment of the pair in 90 days', '0/1', 'NEW_PAYEE', equal(feature('pair_count_90d'), 1)),
  pix(
    'amount_to_payer_mean',
    'Amount over the payer’s mean of 30 days',
    '',
    'AMOUNT_UNUSUAL_FOR_PAYER',
    ratio(amount, 'payer_mean_30d'),
  ),
  pix(
    'amount_deviation',
    'Distance from the payer’s mean in standard deviations',
    '',
    'AMOUNT_UNUSUAL_FOR_PAYER',
    ratio(subtract(amount, feature('payer_mean_30d')), 'payer_std_30d'),
  ),
  pix(
    'pass_through_1h',
    'What the payee paid over what it received, 1 hour',
    '',
    'PASS_THROUGH',
    ratio(feature('payee_as_payer_sum_1h'), 'payee_sum_1h'),
  ),
  pix(
    'pass_through_1d',
    'What the payee paid over what it received, 1 day',
    '',
    'PASS_THROUGH',
    ratio(feature('payee_as_payer_sum_1d'), 'payee_sum_1d'),
  ),
  pix(
    'payee_fan_in',
    'New payers of the payee: day over 30 days',
    '',
    'PAYEE_VELOCITY',
    ratio(feature('payee_distinct_1d'), 'payee_distinct_30d'),
  ),
  pix(
    'untrusted_new_payee',
    'New and not on the trusted list',
    '0/1',
    'NEW_PAYEE',
    multiply(feature('new_payee'), not(coalesce(field('session_trusted_payee'), 0))),
  ),
];

/** The set that decides Pix payments. `payee_as_payer` sees the payee's own payments: mules pass money on. */
export const PIX: FeatureSet = {
  name: 'pix',
  owner: 'fraud-models',
  entities: [
    { name: 'payer', key: ['payer'], counterparty: 'payee' },
    { name: 'payee', key: ['payee'], counterparty: 'payer' },
    { name: 'payee_as_payer', key: ['payee'], readsStateOf: 'payer' },
    { name: 'pair', key: ['payer', 'payee'] },
    { name: 'device', key: ['device'], counterparty: 'payer' },
    { name: 'night', key: ['natural_payer', 'night'] },
    { name: 'unregistered_device_day', key: ['unregistered_device', 'local_day'] },
  ],
  features: [...paymentFeatures, ...channelFeatures, ...dictFeatures, ...historyFeatures, ...ratioFeatures],
  reasons: PIX_REASONS,
};
