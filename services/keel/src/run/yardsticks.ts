import type { RunReport } from '@evenkeel/engine';
import { canonicalJson, required } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { yardstickText } from '@evenkeel/lab';
import type { HedgeOutcome, PolicyRun } from '@evenkeel/lab';
import { withOutcomeThreads } from '../lab/outcome-pool';
import type { MarketName } from '../lab/outcome-jobs';
import type { RunInputs } from './inputs';

/** Rules that need no model and no opinion: what a policy has to beat. */
const SIMPLE_RULES: readonly Json[] = [
  { kind: 'delta-band', band: '0.05' },
  { kind: 'time', interval: 'PT1H' },
];

const NEXT = `One market and one week, and whoever chose the policy knew both. On others, and why each trade was made:
  npx keel lab compare --policies samples/policies --seeds 3 --out out/comparison    # three more markets, with intervals
  npx keel lab whatif --from-ledger --policy samples/policies/delta-band.json        # this very week under another policy
  npx keel audit list --newest --limit 5                                             # the last decisions, then \`npx keel audit reconstruct <id>\`
`;

export interface Yardsticks {
  /** Begins to run them, in a thread of their own; once. */
  begin(): void;
  /** The rest of the text of a run: the table and its meaning, per book. */
  text(report: RunReport, width: number | undefined): Promise<string>;
}

/**
 * The simple rules over the same market, while the run itself goes on. What they did is the lab's answer: the same cores, the same
 * simulated exchange.
 */
export function yardsticksFor(
  inputs: RunInputs,
  files: { readonly books: readonly string[]; readonly instruments?: string },
): Yardsticks {
  const market: MarketName = {
    name: inputs.tape.name,
    seed: inputs.seed,
    days: inputs.days,
    ...files,
    ...(inputs.tapePath === undefined ? {} : { tape: inputs.tapePath }),
  };
  const policies = inputs.books.map(({ file, policy }) => policy ?? (file.hedge.policy as Json)); // JSON by its schema
  const rules = policies.map((own) =>
    SIMPLE_RULES.filter((rule) => canonicalJson(rule) !== canonicalJson(own)),
  );
  const jobs = rules.flatMap((some, book) => some.map((policy) => ({ market, book, policy })));
  let running: Promise<HedgeOutcome[]> | undefined;
  const begin = (): Promise<HedgeOutcome[]> => {
    // One thread, so that the rules of a book share a pass: a second one would take from the run what it costs to start.
    running ??= withOutcomeThreads({ beside: 1 }, (run) => run(jobs));
    // Told where it is awaited; until then the run has its own things to say.
    running.catch(() => undefined);
    return running;
  };
  return {
    begin: () => void begin(),
    async text(report, width) {
      const outcomes = await begin();
      const texts = inputs.books.map(({ file }, index) => {
        const own = {
          policy: required(policies[index], 'the policy of a book'),
          statistics: required(
            report.books.find(({ book }) => book === file.book),
            `the report of ${file.book}`,
          ),
        };
        const others = jobs.flatMap(({ book, policy }, place): PolicyRun[] =>
          book === index
            ? [{ policy, statistics: required(outcomes[place], 'the outcome of a rule').statistics }]
            : [],
        );
        return yardstickText(own, others, width);
      });
      return `${texts.join('\n')}${inputs.tapePath === undefined ? `\n${NEXT}` : ''}`;
    },
  };
}
