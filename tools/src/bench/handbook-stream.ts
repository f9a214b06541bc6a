import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PseudonymousPayment } from '@vigia/contracts';
import { pseudonymousPaymentBuilder } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';
import { lastLineOf } from './child.js';
import type { Say } from './report.js';

export const PIPELINES = join(WORKSPACE, 'pipelines/.venv/bin');
const FIRST_DAY_MS = Date.UTC(2018, 3, 1);
/** The handbook knows a label this long after its transaction. */
const LABEL_DELAY_MS = 7 * 86_400_000;
const HEAD = 't_seconds,customer_id,terminal_id,amount_cents,scenario';

export type HandbookEvent =
  | { kind: 'payment'; arrival: number; row: number; payment: PseudonymousPayment }
  | { kind: 'label'; arrival: number; row: number; payment: PseudonymousPayment };

/** The folder of transactions.csv.gz: as given, of HANDBOOK_DATA, or generated once below .vigia. */
export async function handbookFolder(given: string | undefined, say: Say): Promise<string> {
  const path = given ?? process.env['HANDBOOK_DATA'];
  if (path) {
    if (!existsSync(path)) throw new Error(`${path} is missing: give the folder of transactions.csv.gz`);
    return statSync(path).isDirectory() ? path : dirname(path);
  }
  const folder = join(WORKSPACE, '.vigia/handbook');
  if (!existsSync(join(folder, 'transactions.csv.gz'))) {
    say(`generating the handbook's transactions into ${folder}`);
    say(await lastLineOf(join(PIPELINES, 'vigia-handbook'), [folder], say));
  }
  return folder;
}

/** The handbook's transactions in their order, which is that of arrival, and the frauds' labels as they become known. */
export class HandbookStream {
  private constructor(private readonly lines: string[]) {}

  static read(folder: string): HandbookStream {
    const file = join(folder, 'transactions.csv.gz');
    const [head, ...lines] = gunzipSync(readFileSync(file)).toString('latin1').trimEnd().split('\n');
    if (head?.trim() !== HEAD)
      throw new Error(`${file} begins with "${head}", not "${HEAD}": make it by vigia-handbook`);
    return new HandbookStream(lines);
  }

  get length(): number {
    return this.lines.length;
  }

  /** At one instant labels come before payments: the handbook's delayed window holds what is exactly 7 days old. */
  *events(): Generator<HandbookEvent> {
    const template = pseudonymousPaymentBuilder();
    const frauds: { row: number; payment: PseudonymousPayment }[] = [];
    let known = 0;
    let arrival = 0;
    for (const [row, line] of this.lines.entries()) {
      const [second, customer, terminal, cents, scenario] = line.split(',');
      const payment: PseudonymousPayment = {
        ...template,
        endToEndId: String(row),
        acceptedAtMs: FIRST_DAY_MS + Number(second) * 1_000,
        amountCents: Number(cents),
        payer: { ...template.payer, person: customer! },
        payee: { ...template.payee, person: terminal! },
      };
      while (known < frauds.length && frauds[known]!.payment.acceptedAtMs + LABEL_DELAY_MS <= payment.acceptedAtMs)
        yield { kind: 'label', arrival: arrival++, ...frauds[known++]! };
      yield { kind: 'payment', arrival: arrival++, row, payment };
      if (Number(scenario) > 0) frauds.push({ row, payment });
    }
  }
}
