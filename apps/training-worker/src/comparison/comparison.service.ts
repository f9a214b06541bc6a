import { Fault } from '@vigia/contracts';
import type { ComparedPayment, Ledger } from '@vigia/ledger';
import type { BundleCache, CachedBundle, ModelRegistry } from '@vigia/registry';
import { rankingOf, type Ranking } from './ranking.js';

type Thresholds = CachedBundle['manifest']['thresholds'];

interface Side {
  version: string;
  bundleVersion: string;
  thresholds: Thresholds;
  /** Payments that its own thresholds would review or reject. */
  notApproved: number;
  /** Null while no fraud is known. What has no label counts as genuine so far. */
  ranking: Ranking | null;
}

export interface Comparison {
  model: string;
  from: string;
  to: string;
  /** Payments that both scored, and whether there were more than are compared. */
  payments: number;
  truncated: boolean;
  /** By the labels known now: agreed as fraud, disagreed, none yet. */
  labels: { fraud: number; genuine: number; none: number };
  meanAbsoluteDifference: number | null;
  /** Share of the payments on which the thresholds of the two would decide differently. */
  shareDecidedDifferently: number | null;
  champion: Side;
  challenger: Side;
}

const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 30 * DAY_MS;
/** Newest payments that are compared: what is sorted and held at once. */
const MOST_PAYMENTS = 200_000;

/** Holds champion and challenger against each other on live traffic. */
export class ComparisonService {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly ledger: Ledger,
    private readonly bundles: BundleCache,
    private readonly now: () => number,
  ) {}

  /**
   * @param range of the moments at which the one that did not decide scored; the last 30 days by default
   * @throws {Fault} `not_found` where there is no champion or no challenger, `invalid_request`
   */
  async compare(model: string, range: { from?: string | undefined; to?: string | undefined }): Promise<Comparison> {
    const toMs = range.to === undefined ? this.now() : Date.parse(range.to);
    const fromMs = range.from === undefined ? toMs - DEFAULT_RANGE_MS : Date.parse(range.from);
    if (fromMs >= toMs) {
      throw new Fault('invalid_request', {
        detail: 'The range is empty.',
        errors: [{ field: 'to', message: 'must be after from' }],
      });
    }
    const [champion, challenger] = [await this.side(model, 'champion'), await this.side(model, 'challenger')];
    const { payments, truncated } = await this.ledger.shadowComparison({
      model,
      champion: champion.bundleVersion,
      challenger: challenger.bundleVersion,
      fromMs,
      toMs,
      limit: MOST_PAYMENTS,
    });
    const frauds = Uint8Array.from(payments, ({ fraud }) => Number(fraud === true));
    const scored = (side: typeof champion, scores: Float64Array): Side => ({
      ...side,
      notApproved: scores.reduce((sum, score) => sum + Number(score >= side.thresholds.review), 0),
      ranking: rankingOf(scores, frauds),
    });
    const differences = payments.map((each) => Math.abs(each.champion - each.challenger));
    const otherwise = payments.filter(
      (each) => bandOf(each.champion, champion.thresholds) !== bandOf(each.challenger, challenger.thresholds),
    );
    return {
      model,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      payments: payments.length,
      truncated,
      labels: labelsOf(payments),
      meanAbsoluteDifference: shareOf(
        differences.reduce((sum, each) => sum + each, 0),
        payments.length,
      ),
      shareDecidedDifferently: shareOf(otherwise.length, payments.length),
      champion: scored(
        champion,
        Float64Array.from(payments, (each) => each.champion),
      ),
      challenger: scored(
        challenger,
        Float64Array.from(payments, (each) => each.challenger),
      ),
    };
  }

  private async side(model: string, alias: 'champion' | 'challenger') {
    const found = await this.registry.byAlias(model, alias);
    if (!found) throw new Fault('not_found', { detail: `${model} has no ${alias}: there is nothing to compare.` });
    const { manifest } = await this.bundles.get(found);
    return { version: found.version, bundleVersion: found.bundleVersion, thresholds: manifest.thresholds };
  }
}

const bandOf = (score: number, { review, reject }: Thresholds): string =>
  score >= reject ? 'reject' : score >= review ? 'review' : 'approve';

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function labelsOf(payments: ComparedPayment[]): Comparison['labels'] {
  const labels = { fraud: 0, genuine: 0, none: 0 };
  for (const { fraud } of payments) labels[fraud === null ? 'none' : fraud ? 'fraud' : 'genuine']++;
  return labels;
}
