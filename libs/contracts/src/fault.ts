/**
 * Errors by who must act: the caller (`caller`), a dependency (`weather`), or us (`ours`).
 * Log level, alerting and transport status follow from the kind; domain code names no status.
 */
export type FaultKind = 'caller' | 'weather' | 'ours';

/** Every code that an answer may carry, with its kind and title; docs/reference.md lists the same. */
export const FAULTS = {
  invalid_request: { kind: 'caller', title: 'The request does not fit its schema' },
  malformed_json: { kind: 'caller', title: 'The body is not JSON' },
  malformed_xml: { kind: 'caller', title: 'The body is not an SPI message' },
  unsupported_message: { kind: 'caller', title: 'This SPI message or version is not read here' },
  body_too_large: { kind: 'caller', title: 'The body is too large' },
  unsupported_media_type: { kind: 'caller', title: 'This content type is not read here' },
  not_found: { kind: 'caller', title: 'There is no such thing' },
  end_to_end_id_of_another_day: { kind: 'caller', title: 'The EndToEndId is too far from acceptedAt' },
  clock_skew: { kind: 'caller', title: 'acceptedAt is too far from now' },
  conflicting_content: { kind: 'caller', title: 'This EndToEndId was assessed with other content' },
  idempotency_key_reused: { kind: 'caller', title: 'This Idempotency-Key was sent with other content' },
  unauthenticated: { kind: 'caller', title: 'The API key is missing or unknown' },
  forbidden: { kind: 'caller', title: 'The API key lacks the scope' },
  rate_limited: { kind: 'caller', title: 'This API key sends too much' },
  unknown_payment: { kind: 'caller', title: 'No assessment has this EndToEndId' },
  outcome_before_payment: { kind: 'caller', title: 'The outcome is known before its payment' },
  range_without_data: { kind: 'caller', title: 'There is nothing in this range' },
  cut_off_before_range: { kind: 'caller', title: 'The cut-off of the labels is before the range' },
  already_exists: { kind: 'caller', title: 'There is one already' },
  gate_failed: { kind: 'caller', title: 'The version may not become the champion' },
  policy_refused: { kind: 'caller', title: 'The policy cannot be used' },
  policy_not_tested: { kind: 'caller', title: 'There is no back-test of this version' },
  published_meanwhile: { kind: 'caller', title: 'Another version was published meanwhile' },
  no_earlier_champion: { kind: 'caller', title: 'There is no champion to go back to' },
  training_refused: { kind: 'caller', title: 'The training set or the model that came of it cannot be used' },
  limit_exceeded: { kind: 'caller', title: 'The job took more memory or time than it may' },
  case_taken: { kind: 'caller', title: 'Somebody else works on the case' },
  case_closed: { kind: 'caller', title: 'The case is closed' },
  hold_over: { kind: 'caller', title: 'The hold is over' },
  schema_mismatch: { kind: 'caller', title: 'The columns are not those of the feature set' },
  overloaded: { kind: 'weather', title: 'More requests than can be decided in time' },
  shutting_down: { kind: 'weather', title: 'This process is draining' },
  dependency_unavailable: { kind: 'weather', title: 'A dependency does not answer' },
  no_capacity: { kind: 'weather', title: 'The cluster has no room for the job' },
  storage_full: { kind: 'weather', title: 'Memory or disk does not suffice' },
  internal: { kind: 'ours', title: 'Something is wrong on our side' },
} as const satisfies Record<string, { kind: FaultKind; title: string }>;
export type FaultCode = keyof typeof FAULTS;

export interface FaultDetails {
  /** What exactly is wrong and what to do about it, in a sentence. Never holds an identifier of a person. */
  detail: string;
  /** Where in the request, one entry a field. */
  errors?: { field: string; message: string }[];
  /** Seconds after which a retry makes sense. */
  retryAfterS?: number;
  cause?: unknown;
}

export class Fault extends Error {
  readonly kind: FaultKind;
  readonly title: string;
  readonly errors: { field: string; message: string }[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(
    readonly code: FaultCode,
    details: FaultDetails,
  ) {
    super(details.detail, { cause: details.cause });
    this.name = 'Fault';
    this.kind = FAULTS[code].kind;
    this.title = FAULTS[code].title;
    this.errors = details.errors;
    this.retryAfterS = details.retryAfterS;
  }
}
