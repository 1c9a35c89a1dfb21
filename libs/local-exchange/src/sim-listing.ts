import {
  parseInstrument,
  specificationOf,
  type InstrumentSpec,
  type ParsedInstrument,
} from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

import type { SimInstrument } from './sim-instrument';

/**
 * Where a market of ours begins when no strike says where a book was struck, USD. Any price would do, and these are of a size that books
 * are written for.
 */
const INITIAL_PRICES: Readonly<Record<string, number>> = { BTC: 90_000, ETH: 3_000 };
const INITIAL_PRICE_OF_OTHERS = 100;

export interface ListingWords {
  readonly venue: string;
  /** As the venue names it. */
  nameOf(id: string): string;
  /** One contract in the unit in which the venue speaks amounts. */
  amountPerContract(spec: InstrumentSpec): string;
}

/** The contracts of these ids as an exchange of ours lists them, by the terms that are known of them; ids of other venues are left out. */
export function simListing(ids: readonly string[], words: ListingWords): SimInstrument[] {
  const parsed = [...new Set(ids)].flatMap((id): ParsedInstrument[] => {
    const read = parseInstrument(id);
    return read.ok && read.value.venue === words.venue ? [read.value] : [];
  });
  return parsed.flatMap((instrument) => {
    const spec = specificationOf(instrument.id);
    return spec.ok
      ? [listedOf(instrument, spec.value, words, initialSpot(instrument.underlying, parsed))]
      : [];
  });
}

/** The middle of the strikes, which is where a book's options were struck. */
export function initialSpot(coin: string, parsed: readonly ParsedInstrument[]): number {
  const strikes = parsed
    .flatMap(({ underlying, strike }) =>
      underlying === coin && strike !== undefined ? [strike.toNumber()] : [],
    )
    .sort((a, b) => a - b);
  const upper = strikes[strikes.length >> 1];
  const lower = strikes[(strikes.length - 1) >> 1];
  return upper !== undefined && lower !== undefined
    ? (lower + upper) / 2
    : (INITIAL_PRICES[coin] ?? INITIAL_PRICE_OF_OTHERS);
}

function listedOf(
  { id, kind, underlying, quote, settlement, inverse, expiry, strike, optionType }: ParsedInstrument,
  spec: InstrumentSpec,
  words: ListingWords,
  spot: number,
): SimInstrument {
  const { tickSize, lotSize, contractSize, makerFee, takerFee } = spec;
  const amountPerContract = words.amountPerContract(spec);
  const isOption = kind === 'option';
  const ticks = Decimal.ofInteger(Math.max(1, Math.round((isOption ? spot / 100 : spot) / Number(tickSize))));
  return {
    name: words.nameOf(id),
    venue: words.venue,
    kind: isOption ? 'option' : 'future',
    underlying,
    quote,
    settlement,
    settlementPeriod: kind === 'perpetual' ? 'perpetual' : 'month',
    inverse,
    tickSize,
    amountStep: Decimal.parse(lotSize).times(Decimal.parse(amountPerContract)).toString(),
    amountPerContract,
    contractSize,
    initialPrice: Decimal.parse(tickSize)
      .times(isOption && inverse ? Decimal.ONE : ticks)
      .toString(),
    makerFee,
    takerFee,
    ...(expiry === undefined ? {} : { expirationMs: Number(expiry / 1_000_000n) }),
    ...(strike === undefined ? {} : { strike: strike.toString() }),
    ...(optionType === undefined ? {} : { optionType }),
  };
}
