import { Decimal, formatInstant } from '@evenkeel/kernel';
import type { ParsedInstrument } from '@evenkeel/instruments';
import type { ChainRow } from './chain-snapshots';
import { parsed } from './parsed';

const FORWARD_DIGITS = 8;

interface Pair {
  call?: string;
  put?: string;
}

/**
 * Forwards of a snapshot that lacks them, by instrument: of each expiry the pair of put and call whose marks are nearest to one
 * another, F = K + C − P for premiums in money and K ÷ (1 − C + P) for premiums in coin. Undiscounted, as crypto options are margined.
 */
export function parityForwards(rows: readonly ChainRow[]): ReadonlyMap<string, string> {
  const lacking = rows.flatMap((row) => {
    const option = row.forward === undefined ? parsed(row.instrument) : undefined;
    return option?.expiry === undefined || option.strike === undefined ? [] : [{ row, option }];
  });
  const expiries = new Map<string, typeof lacking>();
  for (const entry of lacking) {
    const key = `${entry.option.settlement}/${entry.option.expiry === undefined ? '' : formatInstant(entry.option.expiry)}`;
    expiries.set(key, [...(expiries.get(key) ?? []), entry]);
  }
  const forwards = new Map<string, string>();
  for (const entries of expiries.values()) {
    const forward = forwardOf(entries);
    if (forward !== undefined) for (const { row } of entries) forwards.set(row.instrument, forward);
  }
  return forwards;
}

function forwardOf(
  entries: readonly { readonly row: ChainRow; readonly option: ParsedInstrument }[],
): string | undefined {
  const strikes = new Map<string, Pair>();
  for (const { row, option } of entries) {
    const strike = option.strike?.toString() ?? '';
    const pair = strikes.get(strike) ?? {};
    if (option.optionType === 'call') pair.call = row.mark;
    else pair.put = row.mark;
    strikes.set(strike, pair);
  }
  let nearest: { distance: number; strike: Decimal; difference: Decimal } | undefined;
  for (const [strike, { call, put }] of strikes) {
    if (call === undefined || put === undefined) continue;
    const difference = Decimal.parse(call).minus(Decimal.parse(put));
    const distance = Math.abs(difference.toNumber());
    if (nearest === undefined || distance < nearest.distance)
      nearest = { distance, strike: Decimal.parse(strike), difference };
  }
  if (nearest === undefined) return undefined;
  const { strike, difference } = nearest;
  const inverse = entries[0]?.option.inverse === true;
  const forward = inverse
    ? strike.dividedBy(Decimal.ONE.minus(difference), FORWARD_DIGITS)
    : strike.plus(difference);
  return forward.isPositive() ? forward.toString() : undefined;
}
