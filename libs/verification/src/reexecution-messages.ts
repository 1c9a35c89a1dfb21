import type { Refusals } from '@evenkeel/facts';
import type { LedgerFinding } from './finding';
import type { ReexecutionRecord, ReplayCount } from '@evenkeel/engine';

/** What the main program asks of a thread. Commits travel as their bytes, one buffer for a batch. */
export type ToWorker =
  | {
      readonly kind: 'rows';
      readonly epoch: string;
      readonly seqs: readonly number[];
      readonly lengths: readonly number[];
      readonly bytes: Uint8Array;
      /** By place in the batch; few have any. */
      readonly refusals: ReadonlyMap<number, Refusals>;
    }
  | { readonly kind: 'close'; readonly epoch: string }
  | { readonly kind: 'records' };

/** What a thread answers; one answer for every question. */
export interface FromWorker {
  readonly counts: readonly ReplayCount[];
  readonly findings: readonly LedgerFinding[];
  readonly records?: readonly (readonly [unit: string, record: ReexecutionRecord])[];
}
