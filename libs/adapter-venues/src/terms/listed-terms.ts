import { parseInstrument, specificationOf } from '@evenkeel/instruments';
import type { ContractTerms, TickStep } from '@evenkeel/instruments';
import { Decimal, canonicalJson, formatInstant } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { InstrumentEvent } from '@evenkeel/venue-wire';

/** Digits that a lot may need when it is counted in contracts. */
const LOT_DIGITS = 12;

/** A figure that the venue's listing says otherwise than we do. */
export interface TermsDifference {
  readonly instrument: string;
  readonly figure: string;
  /** What the id or the table says; undefined where they say nothing. */
  readonly ours: string | undefined;
  readonly listed: string;
}

/** What a listing says of a contract, in our units: quantities in contracts. Figures that it leaves out are missing. */
export function listedTerms(listing: InstrumentEvent): Partial<ContractTerms> {
  const { contractSize, tickSize, tickSteps, lotSize, minimumSize, makerFee, takerFee } = listing;
  return {
    contractSize,
    tickSize,
    ...(tickSteps === undefined ? {} : { tickSteps: tickSteps as readonly TickStep[] }),
    lotSize: inContracts(listing, lotSize),
    minQuantity: inContracts(listing, minimumSize),
    ...(makerFee === undefined ? {} : { makerFee }),
    ...(takerFee === undefined ? {} : { takerFee }),
  };
}

/** Deribit states amounts of coin or of dollars; every other venue counts in contracts. */
function inContracts({ venue, contractSize }: InstrumentEvent, size: string): string {
  if (venue !== 'deribit') return size;
  return Decimal.parse(size).dividedBy(Decimal.parse(contractSize), LOT_DIGITS).toString();
}

/**
 * What the listing of a contract says otherwise than its id and our table: every figure that both state, and those that only the
 * listing does. A combination of contracts has no terms of ours and differs in nothing.
 */
export function termsDifferences(listing: InstrumentEvent): TermsDifference[] {
  const { instrument, settlement, expiry, strike, type } = listing;
  if (type === 'combo') return [];
  const parsed = parseInstrument(instrument);
  if (!parsed.ok)
    return [{ instrument, figure: 'id', ours: undefined, listed: `${type} on ${listing.base}` }];
  const says: Record<string, string | undefined> = {
    settlement: parsed.value.settlement,
    expiry: parsed.value.expiry === undefined ? undefined : formatInstant(parsed.value.expiry),
    strike: parsed.value.strike?.toString(),
  };
  const found = specificationOf(instrument);
  const known: Partial<ContractTerms> = found.ok ? found.value : {};
  const listed: Record<string, string | undefined> = {
    settlement,
    expiry: expiry === undefined ? undefined : formatInstant(expiry),
    strike: strike === undefined ? undefined : Decimal.parse(strike).toString(),
  };
  for (const [figure, value] of Object.entries(listedTerms(listing))) {
    listed[figure] = textOf(value);
    says[figure] = textOf(known[figure as keyof ContractTerms]); // a key of what listedTerms gives
  }
  return Object.entries(listed).flatMap(([figure, value]): TermsDifference[] =>
    value === undefined || value === says[figure]
      ? []
      : [{ instrument, figure, ours: says[figure], listed: value }],
  );
}

/** Equal figures are written alike: 1.0 is 1. */
function textOf(value: ContractTerms[keyof ContractTerms]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return canonicalJson(value as unknown as Json); // steps are plain data
  return Decimal.parse(value).toString();
}

/** `contractSize 0.1, we have 1`. */
export function differenceInWords({ figure, ours, listed }: TermsDifference): string {
  return `${figure} ${listed}, ${ours === undefined ? 'we have none' : `we have ${ours}`}`;
}
