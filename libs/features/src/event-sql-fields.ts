import { BRASILIA_OFFSET_MS, DAY_MS, type IdentityName } from './feature-set.js';
import type { FieldName } from './fields.js';

/** An instant of the contract as UTC ms. */
const at = (path: string): string => `unix_millis(try_to_timestamp(payment.${path}))`;
const owner = (path: string): string => `payment.dict.ownerStatistics.${path}`;
const shifted = `(payment.acceptedAtMs - ${BRASILIA_OFFSET_MS})`;
const localDay = `CAST(floor(${shifted} / ${DAY_MS}D) AS BIGINT)`;
const localHour = `CAST(floor(pmod(${shifted}, ${DAY_MS}L) / 3600000D) AS BIGINT)`;
const part = (from: number, length: number): string => `substring(payment.endToEndId, ${from}, ${length})`;

export const isReturnSql = "payment.purpose IN ('REFU', 'IPRT')";

/** What `IDENTITIES` reads. */
export const IDENTITY_SQL: Record<IdentityName, string> = {
  payer: 'payment.payer.person',
  payee: 'payment.payee.person',
  device: 'payment.device.id',
  unregistered_device: 'CASE WHEN NOT payment.device.registered THEN payment.device.id END',
  local_day: `CAST(${localDay} AS STRING)`,
  natural_payer: 'CASE WHEN NOT payment.payer.legalPerson THEN payment.payer.person END',
  night: `CASE WHEN ${localHour} < 6 THEN CAST(${localDay} - 1 AS STRING)
    WHEN ${localHour} >= 20 THEN CAST(${localDay} AS STRING) END`,
};

/** What `FIELDS` reads, before it is made a double. */
export const FIELD_SQL: Record<FieldName, string> = {
  amount_cents: 'payment.amountCents',
  accepted_at_ms: 'payment.acceptedAtMs',
  end_to_end_minute_ms: `unix_date(try_to_date(${part(10, 8)}, 'yyyyMMdd')) * ${DAY_MS}L
    + CAST(${part(18, 2)} AS BIGINT) * 3600000L + CAST(${part(20, 2)} AS BIGINT) * 60000L`,
  initiated_manually: "payment.initiationForm = 'MANU'",
  initiated_by_dynamic_code: "payment.initiationForm IN ('QRDN', 'APDN')",
  arrived: "payment.side = 'payee'",
  same_institution: 'payment.payer.ispb = payment.payee.ispb',
  payer_legal_person: 'payment.payer.legalPerson',
  payee_legal_person: 'payment.payee.legalPerson',
  tax_id_invalid: 'NOT (payment.payer.taxIdValid AND payment.payee.taxIdValid)',

  device_registered: 'payment.device.registered',
  device_first_seen_ms: at('device.firstSeenAt'),
  device_anonymous_network: 'payment.device.anonymousNetwork',
  device_emulator: 'payment.device.emulator',
  device_rooted: 'payment.device.rooted',
  device_accessibility: 'payment.device.accessibilityService',
  device_remote_access: 'payment.device.remoteAccess',
  device_screen_share: 'payment.device.screenShare',
  device_sim_changed_ms: at('device.simChangedAt'),
  device_distance_km: 'payment.device.distanceFromUsualKm',
  session_started_ms: at('session.startedAt'),
  session_failed_authentications: 'payment.session.failedAuthentications',
  session_on_call: 'payment.session.onCall',
  session_credential_reset_ms: at('session.credentialResetAt'),
  session_limit_raised_ms: at('session.limitRaisedAt'),
  session_key_pasted: 'payment.session.keyPasted',
  session_behaviour_anomaly: 'payment.session.behaviourAnomaly',
  session_trusted_payee: 'payment.session.trustedPayee',
  session_balance_cents: 'CAST(payment.session.balance AS DECIMAL(18, 2)) * 100',

  dict_account_opened_ms: at('dict.accountOpenedAt'),
  dict_key_created_ms: at('dict.keyCreatedAt'),
  dict_key_owned_since_ms: at('dict.keyOwnedSince'),
  dict_open_claim: 'CASE WHEN payment.dict IS NOT NULL THEN payment.dict.openClaimAt IS NOT NULL END',
  dict_owner_settlements_d90: owner('settlements.d90'),
  dict_owner_mule_d90: owner('fraudMarkers.muleAccounts.d90'),
  dict_owner_mule_m60: owner('fraudMarkers.muleAccounts.m60'),
  dict_owner_scammer_m60: owner('fraudMarkers.scammerAccounts.m60'),
  dict_owner_application_fraud_m60: owner('fraudMarkers.applicationFrauds.m60'),
  dict_owner_reporters_m12: owner('fraudMarkers.distinctFraudReporters.m12'),
  dict_owner_open_reports: owner('infractionReports.openReports'),
  dict_key_settlements_d90: 'payment.dict.keyStatistics.settlements.d90',
};
