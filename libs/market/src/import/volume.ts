import { parseInstrument, specificationOf } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

/** Venues that count amounts in units of money or coin; the others in what a tape counts, contracts. */
const AMOUNT_VENUES: ReadonlySet<string> = new Set(['deribit']);
const VOLUME_DIGITS = 8;

const sizes = new Map<string, Decimal | undefined>();

/** Contracts of an amount as the venue writes it. Where a contract's size is not known the amount stays, and that is said. */
export function contractsOf(instrument: string, amount: string, remarks: Set<string>): string {
  const parsed = parseInstrument(instrument);
  if (!parsed.ok || !AMOUNT_VENUES.has(parsed.value.venue) || parsed.value.kind === 'spot') return amount;
  if (!sizes.has(instrument)) {
    const terms = specificationOf(instrument);
    sizes.set(instrument, terms.ok ? Decimal.parse(terms.value.contractSize) : undefined);
  }
  const size = sizes.get(instrument);
  if (size === undefined) {
    remarks.add(
      `volumes of ${instrument} are the venue's amounts, not contracts: its contract size is not known`,
    );
    return amount;
  }
  return Decimal.parse(amount).dividedBy(size, VOLUME_DIGITS).toString();
}
