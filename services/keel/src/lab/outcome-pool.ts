import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HedgeOutcome } from '@evenkeel/lab';
import { HelperThread } from '../threads/helper-thread';
import type { OutcomeJob, OutcomeRunner } from './outcome-jobs';
import { runSharedJobs, shareJobs } from './shared-outcomes';
import type { BatchOutcomes, SharedJobs } from './shared-outcomes';

/** Runs jobs and gives their outcomes in the order of the jobs. */
export type RunJobs = (
  jobs: readonly OutcomeJob[],
  onDone?: (done: number) => void,
) => Promise<HedgeOutcome[]>;

/** Who runs jobs: so many threads beside this one, and this one where it has a runner for it. */
export interface OutcomeThreads {
  readonly beside: number;
  readonly here?: OutcomeRunner;
}

/** Places of jobs that share a market and a book. */
type Batch = readonly number[];

/** Runs of one pass: more share the reading of the market, and each holds a book in memory. */
const TOGETHER_MAX = 5;

/**
 * Gives `use` what runs jobs over threads. They load while `use` reads what there is to do and stay for all that it runs. The outcomes
 * are the same whatever their number.
 */
export async function withOutcomeThreads<T>(
  { beside, here }: OutcomeThreads,
  use: (run: RunJobs) => Promise<T>,
): Promise<T> {
  const threads = Array.from(
    { length: beside },
    () => new HelperThread<SharedJobs, BatchOutcomes>(join(__dirname, 'outcome.worker.js')),
  );
  const all = beside + (here === undefined ? 0 : 1);
  const run: RunJobs = async (jobs, onDone = () => undefined) => {
    const batches = batchesOf(jobs, all);
    const outcomes = new Array<HedgeOutcome>(jobs.length);
    let done = 0;
    const keep = ({ batch, outcomes: found }: BatchOutcomes): void => {
      const places = batches[batch] ?? [];
      found.forEach((outcome, index) => (outcomes[places[index] ?? 0] = outcome));
      done += found.length;
      onDone(done);
    };
    const shared = shareJobs(batches.map((batch) => batch.flatMap((place) => jobs[place] ?? [])));
    const helping = Promise.all(
      threads
        .slice(0, here === undefined ? batches.length : batches.length - 1)
        .map((thread) => thread.help(shared, keep)),
    );
    // A failure in a thread surfaces below, and nobody works on for an outcome that there will not be.
    let failed = false;
    helping.catch(() => (failed = true));
    if (here !== undefined) await workHere(here, shared, keep, () => failed);
    await helping;
    return outcomes;
  };
  try {
    return await use(run);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

async function workHere(
  runner: OutcomeRunner,
  shared: SharedJobs,
  keep: (done: BatchOutcomes) => void,
  isOver: () => boolean,
): Promise<void> {
  for (const done of runSharedJobs(runner, shared)) {
    keep(done);
    // What the others have done is heard of between two batches.
    await nextTurn();
    if (isOver()) return;
  }
}

/** Two batches at least for each of several threads, so that none waits long for the last. */
function batchesOf(jobs: readonly OutcomeJob[], threads: number): Batch[] {
  const groups = new Map<string, number[]>();
  jobs.forEach(({ market, book }, place) => {
    const key = JSON.stringify([market, book]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  });
  const parts = threads === 1 ? 1 : 2 * threads;
  const size = Math.max(1, Math.min(TOGETHER_MAX, Math.ceil(jobs.length / parts)));
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, index) =>
      group.slice(index * size, (index + 1) * size),
    ),
  );
}
