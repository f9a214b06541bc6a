import { Fault, type JobHandler } from '@vigia/contracts';
import type { PolicyRecord } from '@vigia/ledger';
import { BackTest, type BackTestReport } from './back-test.js';
import { engineOf } from './policy-content.js';

const DAY_MS = 86_400_000;

export interface BackTestParts {
  record: PolicyRecord;
  /** Time after which hardly any label comes, days. */
  labelHorizonDays: number;
  now: () => number;
}

/** Decides a range anew, page by page, and keeps the report. */
export function backTestHandler({
  record,
  labelHorizonDays,
  now,
}: BackTestParts): JobHandler<'back-test', BackTestReport> {
  return async ({ policy, version, against, from, to, ...costs }, { jobId, progress, signal }) => {
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    if (fromMs >= toMs) {
      throw new Fault('invalid_request', {
        detail: 'The range is empty.',
        errors: [{ field: 'to', message: 'must be after from' }],
      });
    }
    const live = await engineOf(record, policy, against ?? (await liveOf(record, policy)));
    const startedAtMs = now();
    const test = new BackTest(live, await engineOf(record, policy, version), startedAtMs - labelHorizonDays * DAY_MS);
    let payments = 0;
    for await (const page of record.decided({ fromMs, toMs, knownBeforeMs: startedAtMs, signal })) {
      await test.add(page);
      payments += page.length;
      const atMs = page.at(-1)?.traits.acceptedAtMs ?? fromMs;
      void progress((atMs - fromMs) / (toMs - fromMs), `${payments} payments`);
    }
    const report = {
      policy,
      version,
      against: live.version,
      from,
      to,
      ...test.report((toMs - fromMs) / DAY_MS, costs),
    };
    if (report.payments === 0) throw nothingToDecide(report);
    await record.recordBackTest({ jobId, policy, version, report });
    void progress(1, 'done');
    return report;
  };
}

/** What is published; until something is, the file by which the newest payments were decided. */
async function liveOf(record: PolicyRecord, policy: string): Promise<string> {
  const version = (await record.named(policy)).live ?? (await record.newest(policy));
  if (version !== null) return version;
  throw new Fault('range_without_data', {
    detail: `Nothing is published under ${policy}, and no payment was decided by it. Name a version to hold it against.`,
    errors: [{ field: 'against', message: 'is needed here' }],
  });
}

function nothingToDecide({ policy, leftOut }: Pick<BackTestReport, 'policy' | 'leftOut'>): Fault {
  const { otherFeatureSet, otherPolicy } = leftOut;
  return new Fault('range_without_data', {
    detail: `No payment of the range can be decided anew by ${policy}: ${otherFeatureSet} have a vector of another feature set, ${otherPolicy} were decided by another policy. Ask for another range.`,
  });
}
