import { toCents, type PseudonymousPayment } from '@vigia/contracts';

/** A number that stands in the payment itself; expressions name it, tables have it as a column. null where absent. */
export interface Field {
  description: string;
  unit: string;
  read: (payment: PseudonymousPayment) => number | boolean | null | undefined;
}

const at = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);
const cents = (text: string | undefined): number | undefined => (text === undefined ? undefined : toCents(text));

/** yyyyMMddHHmm inside the EndToEndId, as UTC ms; absent when it is no date. */
function endToEndMinute({ endToEndId }: PseudonymousPayment): number | undefined {
  const part = (from: number, to: number): number => Number(endToEndId.slice(from, to));
  const ms = Date.UTC(part(9, 13), part(13, 15) - 1, part(15, 17), part(17, 19), part(19, 21));
  return Number.isNaN(ms) ? undefined : ms;
}

const flag = (description: string, read: Field['read']): Field => ({ description, unit: '0/1', read });
const moment = (description: string, read: Field['read']): Field => ({ description, unit: 'ms', read });
const count = (description: string, read: Field['read']): Field => ({ description, unit: '', read });
const money = (description: string, read: Field['read']): Field => ({ description, unit: 'cents', read });

export const FIELDS = {
  amount_cents: money('Amount', (p) => p.amountCents),
  accepted_at_ms: moment('When the payer’s institution took the order', (p) => p.acceptedAtMs),
  end_to_end_minute_ms: moment('Minute inside the EndToEndId: when the key was looked up', endToEndMinute),
  initiated_manually: flag('Account data typed by hand', (p) => p.initiationForm === 'MANU'),
  initiated_by_dynamic_code: flag('Dynamic QR code or tag', (p) => ['QRDN', 'APDN'].includes(p.initiationForm)),
  arrived: flag('We are the payee’s institution', (p) => p.side === 'payee'),
  same_institution: flag('Payer and payee in one institution', (p) => p.payer.ispb === p.payee.ispb),
  payer_legal_person: flag('Payer is a company', (p) => p.payer.legalPerson),
  payee_legal_person: flag('Payee is a company', (p) => p.payee.legalPerson),
  tax_id_invalid: flag('A tax id has wrong check digits', (p) => !p.payer.taxIdValid || !p.payee.taxIdValid),

  device_registered: flag('Device registered for Pix', (p) => p.device?.registered),
  device_first_seen_ms: moment('First time this device was seen', (p) => at(p.device?.firstSeenAt)),
  device_anonymous_network: flag('IP of a VPN, proxy or hosting provider', (p) => p.device?.anonymousNetwork),
  device_emulator: flag('Emulator', (p) => p.device?.emulator),
  device_rooted: flag('Rooted or jailbroken', (p) => p.device?.rooted),
  device_accessibility: flag('Accessibility service active', (p) => p.device?.accessibilityService),
  device_remote_access: flag('Remote-access app active', (p) => p.device?.remoteAccess),
  device_screen_share: flag('Screen is shared', (p) => p.device?.screenShare),
  device_sim_changed_ms: moment('Last change of SIM', (p) => at(p.device?.simChangedAt)),
  device_distance_km: {
    description: 'Distance from the usual place',
    unit: 'km',
    read: (p) => p.device?.distanceFromUsualKm,
  },
  session_started_ms: moment('Start of the session', (p) => at(p.session?.startedAt)),
  session_failed_authentications: count('Failed authentications', (p) => p.session?.failedAuthentications),
  session_on_call: flag('A phone call was on', (p) => p.session?.onCall),
  session_credential_reset_ms: moment('Last reset of a credential', (p) => at(p.session?.credentialResetAt)),
  session_limit_raised_ms: moment('Last raise of a limit', (p) => at(p.session?.limitRaisedAt)),
  session_key_pasted: flag('Key was pasted', (p) => p.session?.keyPasted),
  session_behaviour_anomaly: {
    description: 'Anomaly of touch and typing',
    unit: '0 to 1',
    read: (p) => p.session?.behaviourAnomaly,
  },
  session_trusted_payee: flag('Payee on the payer’s trusted list', (p) => p.session?.trustedPayee),
  session_balance_cents: money('Balance before the payment', (p) => cents(p.session?.balance)),

  dict_account_opened_ms: moment('Payee’s account opened', (p) => at(p.dict?.accountOpenedAt)),
  dict_key_created_ms: moment('Key created', (p) => at(p.dict?.keyCreatedAt)),
  dict_key_owned_since_ms: moment('Key owned by the payee since', (p) => at(p.dict?.keyOwnedSince)),
  dict_open_claim: flag('A claim on the key is open', (p) =>
    p.dict === undefined ? undefined : p.dict.openClaimAt !== undefined,
  ),
  dict_owner_settlements_d90: count('Settlements received, 90 days', (p) => p.dict?.ownerStatistics?.settlements?.d90),
  dict_owner_mule_d90: count('Mule markers, 90 days', (p) => p.dict?.ownerStatistics?.fraudMarkers?.muleAccounts?.d90),
  dict_owner_mule_m60: count(
    'Mule markers, 60 months',
    (p) => p.dict?.ownerStatistics?.fraudMarkers?.muleAccounts?.m60,
  ),
  dict_owner_scammer_m60: count(
    'Scammer markers, 60 months',
    (p) => p.dict?.ownerStatistics?.fraudMarkers?.scammerAccounts?.m60,
  ),
  dict_owner_application_fraud_m60: count(
    'Markers of false opening, 60 months',
    (p) => p.dict?.ownerStatistics?.fraudMarkers?.applicationFrauds?.m60,
  ),
  dict_owner_reporters_m12: count(
    'Institutions that marked the payee, 12 months',
    (p) => p.dict?.ownerStatistics?.fraudMarkers?.distinctFraudReporters?.m12,
  ),
  dict_owner_open_reports: count(
    'Open infraction reports',
    (p) => p.dict?.ownerStatistics?.infractionReports?.openReports,
  ),
  dict_key_settlements_d90: count('Settlements by this key, 90 days', (p) => p.dict?.keyStatistics?.settlements?.d90),
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

/** The value of a field as a double; booleans are 0/1, absent is NaN. */
export function readField(field: Field, payment: PseudonymousPayment): number {
  const value = field.read(payment);
  return value === undefined || value === null ? NaN : Number(value);
}
