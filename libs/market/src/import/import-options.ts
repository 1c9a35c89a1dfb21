import type { Nanoseconds } from '@evenkeel/kernel';
import type { Micros } from './row';

/** What a person says about files that do not say it. */
export interface ImportOptions {
  readonly tape: string;
  /** Name of a format; what the header says unless told. */
  readonly format?: string;
  /** Id of the instrument of files that do not name theirs; of others, the only one that they may hold. */
  readonly instrument?: string;
  /** Length of the bars made of ticks. */
  readonly every: Nanoseconds;
  /** Length of the bars of files that do not say it. */
  readonly bar?: Nanoseconds;
  /** Time between snapshots of option quotes. */
  readonly chainEvery: Nanoseconds;
  /** Where the price of the underlying comes from in chains that lack it: an instrument of this import, or `forward`. */
  readonly index?: string;
  /** Root of the options of chains that do not name it: `SPXW`. */
  readonly root?: string;
  readonly decimalComma: boolean;
  /** False where volumes mean nothing (bars of mark prices). */
  readonly volumes: boolean;
  readonly from?: Micros;
  readonly to?: Micros;
}

/** What is said of one file alone. */
export type SaidOfFile = Pick<ImportOptions, 'format' | 'instrument' | 'bar' | 'root'>;
