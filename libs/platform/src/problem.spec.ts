import { NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { FAULTS, Fault, payment, type FaultCode } from '@vigia/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import { faultOfProblem, grpcStatusOf, invalidRequest, problemHeaders, problemOf, toFault } from './problem.js';

const codes = Object.keys(FAULTS) as FaultCode[];
const issuesOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error!.issues;

test.each(codes)('%s has a status that fits who must act', (code) => {
  const fault = new Fault(code, { detail: 'x' });
  const { status } = problemOf(fault);
  expect(status >= 500).toBe(fault.kind !== 'caller');
  expect(grpcStatusOf(fault)).toBeGreaterThan(0);
});

test('a problem has the members of RFC 9457 and headers that fit', () => {
  const fault = new Fault('overloaded', { detail: 'Later.', retryAfterS: 0.2 });
  expect(problemOf(fault, '0b9d3a52-0000-4000-8000-000000000000')).toEqual({
    type: 'urn:vigia:problem:overloaded',
    title: FAULTS.overloaded.title,
    status: 503,
    detail: 'Later.',
    instance: 'urn:uuid:0b9d3a52-0000-4000-8000-000000000000',
  });
  expect(problemHeaders(fault)).toEqual({ 'content-type': 'application/problem+json', 'retry-after': '1' });
});

test('a problem of another service becomes the same fault again', () => {
  const fault = new Fault('clock_skew', { detail: 'x', errors: [{ field: 'acceptedAt', message: 'y' }] });
  expect(faultOfProblem(problemOf(fault))).toMatchObject({ code: 'clock_skew', message: 'x', errors: fault.errors });
  expect(faultOfProblem({ type: 'about:blank', title: '', status: 502, detail: 'z' }).code).toBe(
    'dependency_unavailable',
  );
});

test('issues become fields by dotted path, unknown keys are named', () => {
  const schema = z.strictObject({ a: z.strictObject({ b: z.array(z.number()) }) });
  expect(invalidRequest(issuesOf(schema, { a: { b: [1, 'x'], c: 1 }, d: 2 })).errors).toEqual([
    { field: 'a.b.1', message: 'Invalid input: expected number, received string' },
    { field: 'a.c', message: 'is not known here' },
    { field: 'd', message: 'is not known here' },
  ]);
});

test('no value of a refused payment is repeated, nor a key that is no name', () => {
  const planted = fc.stringMatching(/^[0-9]{12,20}$/);
  fc.assert(
    fc.property(planted, (value) => {
      const refused = {
        endToEndId: value,
        amount: value,
        acceptedAt: value,
        initiationForm: value,
        payer: { taxId: value, ispb: value, account: { number: `-${value}`, type: value }, [value]: value },
        payee: { taxId: Number(value), key: [value], account: value },
      };
      const fault = invalidRequest(issuesOf(payment, refused));
      expect(fault.errors!.length).toBeGreaterThan(8);
      expect(JSON.stringify(problemOf(fault))).not.toContain(value);
    }),
  );
});

test('at most 50 errors are listed, and the answer says so', () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${i}`, 1]));
  expect(invalidRequest(issuesOf(z.strictObject({}), many)).errors).toHaveLength(50);
  const fault = invalidRequest(issuesOf(z.array(z.string()), Array(80).fill(1)));
  expect(fault.errors).toHaveLength(50);
  expect(fault.message).toContain('80 fields');
  expect(fault.message).toContain('first 50');
});

test.each([
  [new Fault('clock_skew', { detail: 'x' }), 'clock_skew'],
  [Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' }), 'body_too_large'],
  [Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }), 'unsupported_media_type'],
  [new NotFoundException(), 'not_found'],
  [new PayloadTooLargeException(), 'body_too_large'],
  [new Error('x'), 'internal'],
  ['a string', 'internal'],
  [undefined, 'internal'],
  // Thrown outside the pipe it is about our own data.
  [new z.ZodError([]), 'internal'],
])('%p becomes %s', (error, code) => {
  expect(toFault(error).code).toBe(code);
});

test('what went wrong inside stays inside', () => {
  expect(JSON.stringify(problemOf(toFault(new Error('password=SECRET'))))).not.toContain('SECRET');
});
