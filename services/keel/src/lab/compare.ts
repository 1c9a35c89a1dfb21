import type { Json } from '@evenkeel/kernel';
import { chooseByPast, metricsOf } from '@evenkeel/lab';
import type { BookComparison, Comparison, FitRecord, Fold, HedgeOutcome, NamedOutcomes } from '@evenkeel/lab';
import type { MarketName, OutcomeJob } from './outcome-jobs';
import type { RunJobs } from './outcome-pool';
import type { PolicyEntry } from './policy-folder';

export interface ComparisonPlan {
  readonly command: string;
  readonly markets: readonly MarketName[];
  /** Names of the books, the same in every market. */
  readonly books: readonly string[];
  readonly policies: readonly PolicyEntry[];
  readonly riskAversion: number;
  /** Stretches for fitting; the first is learnt from only, and judged by nobody. */
  readonly folds: number;
  readonly reference?: string;
  readonly run: RunJobs;
  readonly onProgress: (done: number, total: number, what: string) => void;
}

interface Cell {
  readonly policy: PolicyEntry;
  readonly market: MarketName;
  readonly book: number;
}

const CONFIDENCE = 0.95;

/** Runs every policy over every market and book, fits what is to be fitted walk-forward, and weighs them. */
export async function compare(plan: ComparisonPlan): Promise<Comparison> {
  const cells: Cell[] = plan.books.flatMap((_, book) =>
    plan.policies.flatMap((policy) => plan.markets.map((market) => ({ policy, market, book }))),
  );
  const jobs = cells.flatMap(({ policy, market, book }) =>
    policy.variants.map((variant): OutcomeJob => ({ market, book, policy: variant })),
  );
  const outcomes = await plan.run(jobs, (done) => plan.onProgress(done, jobs.length, 'runs'));
  const byCell = splitByCell(cells, outcomes);
  const fits = cells.map((cell, index) => foldsOf(cell, byCell[index] ?? [], plan));
  const refits = cells.flatMap((cell, index): { readonly index: number; readonly job: OutcomeJob }[] => {
    const folds = fits[index];
    const [outcome] = byCell[index] ?? [];
    const [initial] = cell.policy.variants;
    if (folds === undefined || outcome === undefined || initial === undefined) return [];
    const fit = { outcome, folds, variants: cell.policy.variants };
    return [{ index, job: { market: cell.market, book: cell.book, policy: initial, fit } }];
  });
  const refitted = await plan.run(
    refits.map(({ job }) => job),
    (done) => plan.onProgress(done, refits.length, 'fitted runs'),
  );
  const final = cells.map((_, index) => byCell[index]?.[0]);
  refits.forEach(({ index }, position) => (final[index] = refitted[position]));
  return {
    schemaVersion: 1,
    command: plan.command,
    markets: plan.markets.map(({ name }) => name),
    riskAversion: plan.riskAversion,
    confidence: CONFIDENCE,
    books: plan.books.map((book, index) => bookComparison(plan, book, index, cells, final, fits)),
  };
}

function splitByCell(cells: readonly Cell[], outcomes: readonly HedgeOutcome[]): HedgeOutcome[][] {
  let position = 0;
  return cells.map(({ policy }) => {
    const own = outcomes.slice(position, position + policy.variants.length);
    position += policy.variants.length;
    return own;
  });
}

function foldsOf(
  { policy }: Cell,
  outcomes: readonly HedgeOutcome[],
  plan: ComparisonPlan,
): Fold[] | undefined {
  if (!policy.fitted) return undefined;
  return chooseByPast(outcomes, { folds: plan.folds, riskAversion: plan.riskAversion });
}

function bookComparison(
  plan: ComparisonPlan,
  book: string,
  index: number,
  cells: readonly Cell[],
  final: readonly (HedgeOutcome | undefined)[],
  fits: readonly (readonly Fold[] | undefined)[],
): BookComparison {
  const named = plan.policies.map((policy): NamedOutcomes => {
    const outcomes = cells.flatMap((cell, position) => {
      const outcome = final[position];
      return cell.book === index && cell.policy === policy && outcome !== undefined ? [outcome] : [];
    });
    return { policy: policy.name, outcomes };
  });
  const hours = Math.min(
    ...named.flatMap(({ outcomes }) => outcomes.map((outcome) => outcome.hours.length - 1)),
  );
  const anyFit = plan.policies.some(({ fitted }) => fitted);
  // What fitting has seen is judged by nobody, so that fitted and fixed policies stand on the same hours.
  const skippedHours = anyFit ? Math.floor(hours / plan.folds) : 0;
  const reference = plan.reference ?? plan.policies[0]?.name ?? '';
  const rows = metricsOf(named, {
    riskAversion: plan.riskAversion,
    reference,
    skipHours: skippedHours,
  });
  const records = cells.flatMap((cell, position): FitRecord[] => {
    const folds = fits[position];
    if (cell.book !== index || folds === undefined) return [];
    const { policy, market } = cell;
    return [
      {
        policy: policy.name,
        market: market.name,
        folds: folds.map((fold) => ({
          ...fold,
          parameters: JSON.stringify(policy.variants[fold.chosen] as Json),
        })),
      },
    ];
  });
  return { book, numeraire: rows[0]?.numeraire ?? '', reference, skippedHours, rows, fits: records };
}
