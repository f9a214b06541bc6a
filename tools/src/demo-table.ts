import type { Assessment } from '@vigia/contracts';
import type { Tally } from './demo-day.js';

const COLUMNS = [
  'day',
  'sent',
  'per s',
  'p50 ms',
  'p99 ms',
  'approve',
  'review',
  'reject',
  'fraud',
  'stopped',
  'false alarms',
  'R$ stopped',
  'R$ lost',
];

/** The live table: one line redrawn on a terminal, a line every ten seconds elsewhere. */
export class DemoTable {
  private headed = false;
  private shownAtMs = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(tally: Tally, final: boolean): void {
    const nowMs = performance.now();
    if (!final && !this.out.isTTY && nowMs - this.shownAtMs < 10_000) return;
    this.shownAtMs = nowMs;
    if (!this.headed) this.out.write(`${COLUMNS.map((name) => name.padStart(width(name))).join(' ')}\n`);
    this.headed = true;
    const cells = cellsOf(tally, nowMs).map((cell, index) => cell.padStart(width(COLUMNS[index]!)));
    this.out.write(`${this.out.isTTY ? '\r' : ''}${cells.join(' ')}${final || !this.out.isTTY ? '\n' : ''}`);
  }

  summary(tally: Tally, explained: Assessment | null): void {
    const { fraud, decisions, sent } = tally;
    const lines = [
      '',
      `${sent} payments decided (${tally.overXml} as SPI XML), ${tally.failed} failed, ${tally.degraded} degraded.`,
      `Fraud: ${fraud.stopped} of ${fraud.seen} stopped, ${reais(fraud.stoppedCents)} of ${reais(fraud.seenCents)}.`,
      `Genuine payments held or refused: ${tally.falseAlarms} of ${sent - fraud.seen} (reviews ${decisions.review}, rejections ${decisions.reject} in all).`,
    ];
    if (explained) lines.push('', ...explanation(explained));
    this.out.write(`${lines.join('\n')}\n`);
  }
}

const width = (name: string): number => Math.max(name.length, 7);

function cellsOf(tally: Tally, nowMs: number): string[] {
  const sorted = tally.latenciesMs.slice(-2_000).sort((a, b) => a - b);
  const quantile = (q: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1);
  const { decisions, fraud } = tally;
  return [
    new Date(tally.atMs - 3 * 3_600_000).toISOString().slice(11, 16),
    String(tally.sent),
    ((tally.sent * 1000) / (nowMs - tally.startedAtMs)).toFixed(0),
    quantile(0.5),
    quantile(0.99),
    String(decisions.approve),
    String(decisions.review),
    String(decisions.reject),
    String(fraud.seen),
    String(fraud.stopped),
    String(tally.falseAlarms),
    (fraud.stoppedCents / 100).toFixed(0),
    ((fraud.seenCents - fraud.stoppedCents) / 100).toFixed(0),
  ];
}

function explanation(assessment: Assessment): string[] {
  const probability =
    assessment.probability === null
      ? 'no score'
      : `probability of fraud ${(100 * assessment.probability).toFixed(1)} %`;
  return [
    `Payment ${assessment.endToEndId} was ${assessment.decision === 'reject' ? 'rejected' : 'held'} (${probability}; model ${assessment.model?.version ?? 'none'}, policy ${assessment.policy.version}):`,
    ...assessment.reasons.map((reason) => {
      const share =
        reason.contribution === undefined
          ? 'rule'
          : `${reason.contribution > 0 ? '+' : ''}${reason.contribution.toFixed(2)}`;
      const value = reason.feature === undefined ? '' : ` (${reason.feature} = ${reason.value ?? 'missing'})`;
      return `  ${share.padStart(6)}  ${reason.pt} / ${reason.en}${value}`;
    }),
  ];
}

const reais = (cents: number): string =>
  `R$ ${(cents / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
