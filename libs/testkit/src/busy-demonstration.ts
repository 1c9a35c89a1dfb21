import { join } from 'node:path';
import { demonstrationMarket } from '@evenkeel/market';
import type { DemonstrationMarket } from '@evenkeel/market';

/** A narrow band: trades every quarter of an hour or so, which is what tests of hedging at work want. */
const NARROW = { kind: 'delta-band', band: '0.05' };

/** The same policy as a file, for what reads files. */
export const BUSY_POLICY = join(__dirname, '..', '..', '..', 'samples', 'policies', 'delta-band-narrow.json');

/** The built-in market and its book, hedged by a rule that trades often. */
export function busyDemonstration(seed: string, days: number): DemonstrationMarket {
  const { tape, book } = demonstrationMarket(seed, days);
  return { tape, book: { ...book, hedge: { ...book.hedge, policy: NARROW } } };
}
