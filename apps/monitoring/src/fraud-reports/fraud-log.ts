import { fromCents } from '@vigia/contracts';
import type { AccountabilityRecord, FraudOccurrence } from '@vigia/ledger';
import { TIME_ZONE, dayOf } from './brasilia.js';
import { csvLine } from './csv.js';
import { finalityOf } from './finality.js';

/** Occurrences held at once. */
const PAGE = 1_000;

type Cell = string | number | null;

/** Columns of the log, in CSV and as names in JSON. */
const COLUMNS: Record<string, (occurrence: FraudOccurrence) => Cell> = {
  endToEndId: (each) => each.endToEndId,
  acceptedAt: (each) => each.acceptedAt,
  kind: (each) => each.kind,
  amount: (each) => fromCents(each.amountCents),
  side: (each) => each.side,
  situation: (each) => each.situation,
  channel: (each) => each.channel,
  initiationForm: (each) => each.initiationForm,
  payerIspb: (each) => each.payerIspb,
  payeeIspb: (each) => each.payeeIspb,
  decision: (each) => each.decision,
  measure: (each) => each.measure,
  holdEnd: (each) => each.holdEnd,
  labelSource: (each) => each.labelSource,
  labelKnownAt: (each) => each.labelKnownAt,
  fraudMarker: (each) => each.fraudMarker,
};

export type LogFormat = 'json' | 'csv';

/**
 * The daily record of frauds and attempts (Resolução BCB 142/2021), piece by piece: of any length in little memory.
 * @param day as 2026-11-20, of Brasília
 * @throws {Fault} `invalid_request` for a day that is none, `dependency_unavailable`
 */
export async function* fraudLog(
  record: Pick<AccountabilityRecord, 'occurrences'>,
  { day, format, labelHorizonDays, nowMs }: { day: string; format: LogFormat; labelHorizonDays: number; nowMs: number },
): AsyncGenerator<string, void, undefined> {
  const span = dayOf(day, nowMs);
  const finality = finalityOf(span, labelHorizonDays, nowMs);
  const head = { day, timeZone: TIME_ZONE, madeAt: new Date(nowMs).toISOString(), ...finality };
  const pages = occurrences(record, { ...span, knownBeforeMs: nowMs });
  if (format === 'csv') {
    const names = Object.keys(COLUMNS);
    let text = csvLine([...names, 'preliminary']);
    for await (const page of pages) {
      yield text + page.map((each) => csvLine([...cellsOf(each), String(finality.preliminary)])).join('');
      text = '';
    }
    yield text;
    return;
  }
  let text = `${JSON.stringify(head).slice(0, -1)},"occurrences":[`;
  let separator = '';
  for await (const page of pages) {
    yield text + separator + page.map(objectOf).join(',');
    text = '';
    separator = ',';
  }
  yield `${text}]}`;
}

async function* occurrences(
  record: Pick<AccountabilityRecord, 'occurrences'>,
  range: { fromMs: number; toMs: number; knownBeforeMs: number },
): AsyncGenerator<FraudOccurrence[], void, undefined> {
  for (let after: FraudOccurrence | null = null; ;) {
    const page: FraudOccurrence[] = await record.occurrences(range, PAGE, after);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)!;
  }
}

const cellsOf = (occurrence: FraudOccurrence): Cell[] => Object.values(COLUMNS).map((read) => read(occurrence));

const objectOf = (occurrence: FraudOccurrence): string =>
  JSON.stringify(Object.fromEntries(Object.entries(COLUMNS).map(([name, read]) => [name, read(occurrence)])));
