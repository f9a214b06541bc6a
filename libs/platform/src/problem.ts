import { HttpException } from '@nestjs/common';
import { FAULTS, Fault, type FaultCode } from '@vigia/contracts';

/** RFC 9457 problem details, sent as `application/problem+json`. */
export interface Problem {
  /** `urn:vigia:problem:CODE`; the code is what programs should branch on. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** `urn:uuid:` of the request; the log lines of the request carry the same id. */
  instance?: string;
  errors?: { field: string; message: string }[];
}

/** HTTP status and gRPC status (by number, see grpc/status.h) of every code. The only place that knows either. */
const STATUS: Record<FaultCode, { http: number; grpc: number }> = {
  invalid_request: { http: 400, grpc: 3 },
  malformed_json: { http: 400, grpc: 3 },
  malformed_xml: { http: 400, grpc: 3 },
  unsupported_message: { http: 422, grpc: 3 },
  body_too_large: { http: 413, grpc: 8 },
  unsupported_media_type: { http: 415, grpc: 3 },
  not_found: { http: 404, grpc: 5 },
  end_to_end_id_of_another_day: { http: 422, grpc: 9 },
  clock_skew: { http: 422, grpc: 9 },
  conflicting_content: { http: 409, grpc: 6 },
  idempotency_key_reused: { http: 409, grpc: 6 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  rate_limited: { http: 429, grpc: 8 },
  unknown_payment: { http: 404, grpc: 5 },
  outcome_before_payment: { http: 422, grpc: 9 },
  range_without_data: { http: 422, grpc: 9 },
  cut_off_before_range: { http: 422, grpc: 3 },
  already_exists: { http: 409, grpc: 6 },
  gate_failed: { http: 409, grpc: 9 },
  policy_refused: { http: 422, grpc: 9 },
  policy_not_tested: { http: 409, grpc: 9 },
  published_meanwhile: { http: 409, grpc: 9 },
  no_earlier_champion: { http: 409, grpc: 9 },
  training_refused: { http: 422, grpc: 9 },
  limit_exceeded: { http: 422, grpc: 8 },
  case_taken: { http: 409, grpc: 9 },
  case_closed: { http: 409, grpc: 9 },
  hold_over: { http: 409, grpc: 9 },
  schema_mismatch: { http: 422, grpc: 9 },
  no_capacity: { http: 503, grpc: 8 },
  storage_full: { http: 507, grpc: 8 },
  overloaded: { http: 503, grpc: 14 },
  shutting_down: { http: 503, grpc: 14 },
  dependency_unavailable: { http: 503, grpc: 14 },
  internal: { http: 500, grpc: 13 },
};

/** Errors of Fastify and of its body parsers that are the caller's. */
const FASTIFY_FAULTS: Record<string, { code: FaultCode; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'Send a smaller body, or several requests.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'malformed_json', detail: 'The body is empty although it is said to be JSON.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type', detail: 'Set content-type: application/json.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as its content-length says.',
  },
  FST_ERR_BAD_URL: { code: 'not_found', detail: 'The path of the URL is not decodable.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not_found', detail: 'A part of the URL is too long.' },
  ECONNRESET: { code: 'invalid_request', detail: 'The connection ended before the body did.' },
};

/** Most errors that one answer lists. */
const MAX_ERRORS = 50;

/** Part of a Standard Schema issue, with what zod adds. */
interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  code?: unknown;
  keys?: unknown;
}

/**
 * The one mapping of whatever was thrown to a fault. What is not known to be the caller's is ours: a stray `ZodError` too,
 * since requests are validated by the pipe or through {@link invalidRequest}, and all else is our own data.
 */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const cause = error instanceof HttpException && error.cause !== undefined ? error.cause : error;
  const known = FASTIFY_FAULTS[codeOf(cause)];
  if (known !== undefined) return new Fault(known.code, { detail: known.detail, cause: error });
  if (error instanceof HttpException && error.getStatus() < 500) return ofHttpStatus(error);
  return new Fault('internal', { detail: 'An unexpected error. It is in the log under this instance.', cause: error });
}

/** The fault for a request that does not fit its schema; fields as dotted paths, at most 50. Values are never repeated. */
export function invalidRequest(issues: readonly Issue[]): Fault {
  const errors = issues.slice(0, MAX_ERRORS).flatMap(fieldErrors).slice(0, MAX_ERRORS);
  const more = issues.length > MAX_ERRORS ? ` The first ${MAX_ERRORS} are listed.` : '';
  const count = issues.length === 1 ? 'One field does not fit' : `${issues.length} fields do not fit`;
  return new Fault('invalid_request', { detail: `${count}; see errors.${more}`, errors });
}

/** @param requestId a UUID, becomes `instance`. */
export function problemOf(fault: Fault, requestId?: string): Problem {
  return {
    type: `urn:vigia:problem:${fault.code}`,
    title: fault.title,
    status: STATUS[fault.code].http,
    detail: fault.message,
    ...(requestId === undefined ? {} : { instance: `urn:uuid:${requestId}` }),
    ...(fault.errors === undefined ? {} : { errors: fault.errors }),
  };
}

/** Headers that go with the problem: content type, `Retry-After` in whole seconds, `WWW-Authenticate`. */
export function problemHeaders(fault: Fault): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    ...(fault.retryAfterS === undefined ? {} : { 'retry-after': String(Math.ceil(fault.retryAfterS)) }),
    ...(fault.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : {}),
    ...(fault.code === 'shutting_down' ? { connection: 'close' } : {}),
  };
}

/** gRPC status number of a fault. */
export function grpcStatusOf(fault: Fault): number {
  return STATUS[fault.code].grpc;
}

/** A fault as another service's problem said it; anything unknown became `dependency_unavailable`. */
export function faultOfProblem(problem: Problem, retryAfterS?: number): Fault {
  const code = problem.type.replace('urn:vigia:problem:', '');
  return new Fault(Object.hasOwn(FAULTS, code) ? (code as FaultCode) : 'dependency_unavailable', {
    detail: problem.detail,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
}

function ofHttpStatus(error: HttpException): Fault {
  const status = error.getStatus();
  if (status === 404) return new Fault('not_found', { detail: 'No route has this method and path.', cause: error });
  if (status === 413) return new Fault('body_too_large', { detail: 'Send a smaller body.', cause: error });
  if (status === 415) return new Fault('unsupported_media_type', { detail: 'See the API description.', cause: error });
  return new Fault('invalid_request', { detail: 'The request is not one that this route reads.', cause: error });
}

function fieldErrors(issue: Issue): { field: string; message: string }[] {
  const path = (issue.path ?? []).map((part) => nameOf(typeof part === 'object' ? part.key : part));
  if (issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      field: [...path, nameOf(key as PropertyKey)].join('.'),
      message: 'is not known here',
    }));
  }
  return [{ field: path.join('.'), message: issue.message }];
}

/** Keys come from the caller and could be identifiers themselves; only what looks like a field's name is repeated. */
function nameOf(key: PropertyKey): string {
  const text = String(key);
  if (typeof key === 'number' || /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(text)) return text;
  return '(key not shown)';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
