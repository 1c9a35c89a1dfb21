import { viewOf } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import type { CommitDraft, EventPayloads } from '@evenkeel/facts';
import type { Json } from '@evenkeel/kernel';
import { withPolicy } from '@evenkeel/engine';
import { createHedgeOutcome } from '../compare/hedge-outcome';
import type { HedgeOutcome } from '../compare/hedge-outcome';
import { metricsOf } from '../compare/policy-metrics';
import type { PolicyMetrics } from '../compare/policy-metrics';
import { runInProcess } from '../in-process-run';
import type { PolicyChange } from '../in-process-run';
import { readRecordedBook } from './recorded-book';
import type { RecordedBook } from './recorded-book';

export interface WhatIfOptions {
  readonly book: string;
  readonly policy: Json;
  /** Per unit of numeraire. */
  readonly riskAversion: number;
}

/** How near the recorded policy, run again on what the journal holds, comes to what it did then. */
export interface ControlRun {
  /** Hedges on record, and how many the control makes at the same moment with the same contracts. */
  readonly recorded: number;
  readonly reproduced: number;
  /** The first that it does not, where there is one. */
  readonly firstDifference?: string;
}

/** A counterfactual. Nothing of it is ever written to a journal. */
export interface WhatIf {
  readonly counterfactual: true;
  readonly book: string;
  readonly from: string;
  readonly to: string;
  readonly policy: Json;
  readonly control: ControlRun;
  /** `recorded`, `recorded policy, simulated`, `what if`; the last two on the same simulated exchange. */
  readonly rows: readonly PolicyMetrics[];
  /** What the record cannot tell, in words. */
  readonly limits: readonly string[];
}

/**
 * What another policy would have done with a recorded journal’s market and positions. The recorded policy is run the same
 * way first: what it does not reproduce is how far the counterfactual can be trusted. Undefined when the journal has no
 * such book.
 */
export function whatIf(commits: readonly Commit[], options: WhatIfOptions): WhatIf | undefined {
  const recorded = readRecordedBook(commits, options.book);
  if (recorded === undefined) return undefined;
  const then = outcomeOfCommits(commits, options.book, recorded);
  const control = simulate(recorded, recorded.booted.drafts, recorded.changes);
  const drafts = recorded.booted.drafts.map((draft) => replaced(draft, options.policy));
  const other = simulate(recorded, drafts, []);
  const rows = metricsOf(
    [
      { policy: 'recorded', outcomes: [then] },
      { policy: 'recorded policy, simulated', outcomes: [control.outcome] },
      { policy: 'what if', outcomes: [other.outcome] },
    ],
    { riskAversion: options.riskAversion, reference: 'recorded policy, simulated' },
  );
  return {
    counterfactual: true,
    book: options.book,
    from: then.start,
    to: recorded.market.to.toString(),
    policy: options.policy,
    control: compareHedges(hedgesIn(commits, options.book), hedgesIn(control.commits, options.book)),
    rows,
    limits: limitsOf(recorded),
  };
}

interface Simulated {
  readonly outcome: HedgeOutcome;
  readonly commits: readonly Commit[];
}

function simulate(
  recorded: RecordedBook,
  drafts: readonly CommitDraft[],
  changes: readonly PolicyChange[],
): Simulated {
  const { market, booted } = recorded;
  const run = runInProcess({
    tape: market,
    books: [{ book: booted.book, drafts }],
    changes,
    journal: 'light',
  });
  const commits = run.journal.all.map(({ commit }) => commit);
  return { outcome: outcomeOfCommits(commits, booted.book, recorded), commits };
}

function outcomeOfCommits(commits: Iterable<Commit>, book: string, recorded: RecordedBook): HedgeOutcome {
  const fold = createHedgeOutcome(book);
  for (const commit of commits) fold.add(viewOf(commit));
  return fold.report(recorded.market.to);
}

function replaced(draft: CommitDraft, policy: Json): CommitDraft {
  return {
    ...draft,
    events: draft.events.map((event) =>
      event.type === 'PolicySet' ? { type: 'PolicySet', payload: withPolicy(event.payload, policy) } : event,
    ),
  };
}

function hedgesIn(commits: Iterable<Commit>, book: string): string[] {
  const hedges: string[] = [];
  for (const commit of commits)
    if (commit.book === book)
      for (const { event } of commit.events)
        if (event.type === 'HedgeDecided') hedges.push(hedgeText(event.payload));
  return hedges;
}

const hedgeText = ({ at, trades }: EventPayloads['HedgeDecided']): string =>
  `${at}: ${trades.map(({ instrument, quantity }) => `${quantity} ${instrument}`).join(', ')}`;

function compareHedges(recorded: readonly string[], control: readonly string[]): ControlRun {
  const made = new Set(control);
  const missing = recorded.filter((hedge) => !made.has(hedge));
  const [first] = missing;
  return {
    recorded: recorded.length,
    reproduced: recorded.length - missing.length,
    ...(first === undefined ? {} : { firstDifference: first }),
  };
}

function limitsOf({ fundings }: RecordedBook): string[] {
  return [
    'the market is what the recorded valuations used: between them nothing is known, and another policy is judged at the same moments',
    'fills are the simulated exchange’s for the control and the counterfactual alike',
    fundings === 0
      ? 'the journal holds no funding payment, so the counterfactual pays none'
      : `funding is known for the ${fundings} payments on record; where the recorded book held no perpetual, none is charged`,
  ];
}
