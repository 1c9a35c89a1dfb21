import type { HedgeOutcome } from '@evenkeel/lab';
import type { OutcomeJob, OutcomeRunner } from './outcome-jobs';

/** Jobs cut into batches, each of one market and book; and the number of the next batch, which all threads take theirs from. */
export interface SharedJobs {
  readonly batches: readonly (readonly OutcomeJob[])[];
  readonly next: SharedArrayBuffer;
}

/** A batch that is done. */
export interface BatchOutcomes {
  readonly batch: number;
  readonly outcomes: readonly HedgeOutcome[];
}

export function shareJobs(batches: SharedJobs['batches']): SharedJobs {
  return { batches, next: new SharedArrayBuffer(4) };
}

/** Runs batches that nobody has taken yet, each as it is asked for: no thread waits until another has time to hand it one. */
export function* runSharedJobs(
  runner: OutcomeRunner,
  { batches, next }: SharedJobs,
): Generator<BatchOutcomes, void> {
  const counter = new Int32Array(next);
  for (;;) {
    const batch = Atomics.add(counter, 0, 1);
    const jobs = batches[batch];
    if (jobs === undefined) return;
    yield { batch, outcomes: runner.run(jobs) };
  }
}
