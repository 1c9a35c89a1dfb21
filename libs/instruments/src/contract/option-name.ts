import { formatInstant, tryParseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { ParsedInstrument } from '../instrument';

/** What columns beside an option's name say of it. */
export interface SaidOfOption {
  readonly type: string;
  readonly strike: number;
  /** An instant, or text: ISO 8601, or a day alone. */
  readonly expiry: Instant | string;
}

/** The columns that say otherwise than the name; none where the name is no option's. */
export function columnsAgainstName(
  terms: ParsedInstrument,
  said: SaidOfOption,
): readonly (keyof SaidOfOption)[] {
  if (terms.kind !== 'option') return [];
  return [
    ...(said.type === terms.optionType ? [] : (['type'] as const)),
    ...(isNear(said.strike, terms.strike?.toNumber()) ? [] : (['strike'] as const)),
    ...(terms.expiry !== undefined && isExpiry(terms.expiry, said.expiry) ? [] : (['expiry'] as const)),
  ];
}

/** A strike that was computed is off in its last digits. */
function isNear(said: number, named: number | undefined): boolean {
  return named !== undefined && Math.abs(said - named) <= 1e-9 * named;
}

const DAY_LENGTH = 'YYYY-MM-DD'.length;

/** Text that is no time is for somebody else to refuse. */
function isExpiry(expiry: Instant, said: Instant | string): boolean {
  if (typeof said !== 'string') return said === expiry;
  if (said.length === DAY_LENGTH) return formatInstant(expiry).startsWith(said);
  const at = tryParseInstant(said);
  return at === undefined || at === expiry;
}
