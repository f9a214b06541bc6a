import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FAULTS,
  Fault,
  JOBS,
  PROTO_PACKAGE,
  PROTO_PATH,
  action,
  bundleManifest,
  decision,
  trainingSetManifest,
  type FaultCode,
} from '@vigia/contracts';
import { PIX } from '@vigia/features';
import { grpcStatusOf, problemOf } from '@vigia/platform';
import { actionFor, policySettings, ruleTexts } from '@vigia/policy';
import { status } from '@grpc/grpc-js';
import { z } from 'zod';
import { reasonRows } from './feature-catalogue.js';
import { code, type Tables } from '@vigia/testing';
import { WORKSPACE } from './stack.js';

const SIDES = ['payer', 'payee'] as const;

/** Tables of docs/reference.md that follow from the libraries; those of an app are made by its own test. */
export function referenceTables(): Tables {
  return {
    grpc: grpcMethods(),
    'policy-settings': policySettingRows(),
    'score-bands': scoreBandRows(),
    errors: errorRows(),
    jobs: jobRows(),
    ...jobPayloads(),
    decisions: decisionRows(),
    reasons: reasonRows(PIX),
    rules: reasonRows({ reasons: ruleTexts }),
    bundle: fieldsOf(bundleManifest),
    'training-set': fieldsOf(trainingSetManifest),
    'train-exit-codes': exitCodesOfTrain(),
  };
}

/** From the service definitions: method, request, answer. */
function grpcMethods(): string[][] {
  const proto = readFileSync(PROTO_PATH, 'utf8');
  return [...proto.matchAll(/^service (\w+) \{([^}]*)\}/gm)].flatMap(([, service, body]) =>
    [...body!.matchAll(/rpc (\w+)\((\w+)\) returns \((\w+)\)/g)].map(([, method, request, answer]) => [
      code(`${PROTO_PACKAGE}.${service}/${method}`),
      code(request!),
      code(answer!),
    ]),
  );
}

/** The unit stands in the name, the source in the description's last sentences. */
function policySettingRows(): string[][] {
  const defaults = policySettings.parse({});
  return Object.entries(policySettings.shape).map(([name, type]) => {
    const value = defaults[name as keyof typeof defaults];
    const [meaning, source] = (type.description ?? '').split(/(?<=\.) (.*)/s);
    if (!meaning || !source) throw new Error(`policy setting ${name}: its description must end with its source`);
    return [code(name), typeof value === 'object' ? 'see below' : code(String(value)), meaning, source];
  });
}

function scoreBandRows(): string[][] {
  const { scoreBands } = policySettings.parse({});
  return SIDES.flatMap((side) =>
    scoreBands[side].map(({ upToCents, review, reject }) => [
      code(side),
      upToCents === null ? 'no end' : String(upToCents),
      String(review),
      String(reject),
    ]),
  );
}

function errorRows(): string[][] {
  return Object.entries(FAULTS).map(([name, { kind, title }]) => {
    const fault = new Fault(name as FaultCode, { detail: '' });
    return [code(name), kind, String(problemOf(fault).status), status[grpcStatusOf(fault)]!, title];
  });
}

function jobRows(): string[][] {
  return Object.entries(JOBS).map(([name, { description, attempts, backoffMs }]) => [
    code(name),
    description,
    String(attempts),
    String(backoffMs / 1_000),
  ]);
}

/** A table for the body that asks for each job: field, form, default, meaning. */
function jobPayloads(): Tables {
  return Object.fromEntries(
    Object.entries(JOBS).map(([name, { payload }]) => {
      const rows = Object.entries(payload.shape).map(([field, type]) => {
        const shape = z.toJSONSchema(type, { io: 'input' }) as JsonSchema;
        const unset = type instanceof z.ZodOptional ? 'unset' : '**required**';
        const byDefault = shape.default === undefined ? unset : code(JSON.stringify(shape.default));
        return [code(field), shapeOf(shape), byDefault, shape.description ?? ''];
      });
      return [`job-${name}`, rows];
    }),
  );
}

/** What each decision means for each side, as the policy writes it with its default settings on a Friday morning. */
function decisionRows(): string[][] {
  const settings = policySettings.parse({});
  const fridayMorningMs = Date.UTC(2026, 10, 20, 13);
  return SIDES.flatMap((side) =>
    decision.options.map((each) => {
      const { kind, ...details } = action.parse(actionFor(each, side, fridayMorningMs, settings));
      const fields = Object.entries(details).map(([key, value]) => code(key === 'until' ? key : `${key}: ${value}`));
      return [code(side), code(each), code(kind), fields.join(', ')];
    }),
  );
}

interface JsonSchema {
  type?: string;
  default?: unknown;
  description?: string;
  const?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
}

function fieldsOf(schema: z.ZodObject): string[][] {
  const { properties = {} } = z.toJSONSchema(schema) as JsonSchema;
  return Object.entries(properties).map(([name, field]) => [code(name), shapeOf(field)]);
}

function shapeOf({ type, const: value, items, properties, additionalProperties: values }: JsonSchema): string {
  if (value !== undefined) return code(JSON.stringify(value));
  if (items) return `list of ${shapeOf(items)}`;
  if (properties) return Object.keys(properties).map(code).join(', ');
  if (typeof values === 'object') return `${shapeOf(values)} by name`;
  return type ?? 'any';
}

/** The trainer says them in its own help. */
function exitCodesOfTrain(): string[][] {
  const source = readFileSync(join(WORKSPACE, 'pipelines/src/vigia/train_command.py'), 'utf8');
  const list = /epilog="Exit codes: ([^"]*)\."/.exec(source)?.[1];
  if (list === undefined) throw new Error('vigia-train --help names no exit codes');
  return list.split(', ').map((each) => {
    const [, number, meaning] = /^(\d+) (.*)$/.exec(each)!;
    return [code(number!), meaning!];
  });
}
