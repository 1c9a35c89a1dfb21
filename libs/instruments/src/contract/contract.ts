import { Decimal, assert, memoised, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { InstrumentSpec } from '../catalogue';
import type { InstrumentId } from '../instrument';
import type { InstrumentKind, OptionType } from '../symbols/symbol-terms';

/**
 * How a contract's price becomes money.
 * `linear`: quoted and settled in the same currency (spot, linear perpetuals and futures): worth quantity × size × price.
 * `inverse`: quoted in USD, settled in coin: worth −quantity × size ÷ price coin.
 * `premium`: options, quoted in the currency they are settled in (coin or stablecoin): worth quantity × size × premium. An
 * option on an inverse venue is *not* an inverse contract: its price is already coin.
 */
export type Payoff = 'linear' | 'inverse' | 'premium';

/** When value changes hands. `paid`: the whole value at the trade (spot, options); `margined`: gains and losses as they are realised. */
export type Exchange = 'paid' | 'margined';

/** What a venue's contract is, with its numbers read once. Everything that values, checks, fills or books one takes this. */
export interface Contract {
  readonly id: InstrumentId;
  readonly kind: InstrumentKind;
  readonly venue: string;
  readonly underlying: string;
  /** The currency that its price is in. */
  readonly quote: string;
  /** The currency that premium, profit and fees are paid in. */
  readonly settlement: string;
  readonly payoff: Payoff;
  readonly exchange: Exchange;
  /** True when value is paid in the underlying itself: inverse perpetuals and futures, and coin-settled options. */
  readonly coinSettled: boolean;
  /** Units of the underlying per contract; for `inverse`, units of the quote currency (USD). More than zero. */
  readonly size: Decimal;
  readonly sizeNumber: number;
  /** Smallest price increment; of the lowest prices where there are steps. See `tickAt`. */
  readonly tick: Decimal;
  /** Prices above `above` move by `tick`; from the lowest up, mostly none. */
  readonly tickSteps: readonly { readonly above: Decimal; readonly tick: Decimal }[];
  /** Order quantities are multiples of this, in contracts. */
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  /** Fractions of notional, rebates negative. */
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
  /** What is taken at expiry: of an option the fraction of its underlying, of a future that of its notional; 0 where nothing is. */
  readonly deliveryFee: Decimal;
  /** Of an option: the most that is taken, fraction of what it pays. */
  readonly deliveryFeeCap: Decimal | undefined;
  /** Half the bid–ask spread to assume where a source has only prices, fraction of price. */
  readonly halfSpread: Decimal;
  readonly expiry: Instant | undefined;
  /** Of options, in USD; undefined for everything else. */
  readonly strike: Decimal | undefined;
  /** 0 for everything but options. */
  readonly strikeNumber: number;
  readonly optionType: OptionType | undefined;
  /** The plain data it was read from. */
  readonly spec: InstrumentSpec;
}

const BPS = Decimal.ofInteger(10_000);
const FRACTION_DIGITS = 12;

/** Reads a checked specification. A size that is not positive and an option without a strike are bugs of whoever checked it. */
export function contractOf(spec: InstrumentSpec): Contract {
  const size = Decimal.parse(spec.contractSize);
  assert(size.isPositive(), `the contract size of ${spec.id} is positive`);
  const isOption = spec.kind === 'option';
  const isMargined = spec.kind === 'perpetual' || spec.kind === 'future';
  const strike = isOption ? Decimal.parse(required(spec.strike, `the strike of ${spec.id}`)) : undefined;
  return {
    id: spec.id,
    kind: spec.kind,
    venue: spec.venue,
    underlying: spec.underlying,
    quote: spec.quote,
    settlement: spec.settlement,
    payoff: isOption ? 'premium' : isMargined && spec.inverse ? 'inverse' : 'linear',
    exchange: isMargined ? 'margined' : 'paid',
    coinSettled: spec.inverse,
    size,
    sizeNumber: size.toNumber(),
    tick: Decimal.parse(spec.tickSize),
    tickSteps: (spec.tickSteps ?? []).map(({ above, tick }) => ({
      above: Decimal.parse(above),
      tick: Decimal.parse(tick),
    })),
    lot: Decimal.parse(spec.lotSize),
    minQuantity: Decimal.parse(spec.minQuantity),
    makerFee: Decimal.parse(spec.makerFee),
    takerFee: Decimal.parse(spec.takerFee),
    deliveryFee: Decimal.parse(spec.deliveryFee ?? '0'),
    deliveryFeeCap: spec.deliveryFeeCap === undefined ? undefined : Decimal.parse(spec.deliveryFeeCap),
    halfSpread: Decimal.parse(spec.halfSpreadBps).dividedBy(BPS, FRACTION_DIGITS),
    expiry: spec.expiry === undefined ? undefined : parseInstant(spec.expiry),
    strike,
    strikeNumber: strike?.toNumber() ?? 0,
    optionType: isOption ? required(spec.optionType, `call or put of ${spec.id}`) : undefined,
    spec,
  };
}

const CONTRACTS_MAX = 20_000;

/**
 * Reads the canonical JSON of an InstrumentSpec, as `BookOpened`, `PolicySet` and `VenueAccountOpened` carry it. Remembered
 * by text, so asking again costs a look-up.
 */
export const parseContract: (specification: string) => Contract = memoised(CONTRACTS_MAX, (text) =>
  // Written by us from a checked InstrumentSpec when the book, policy or account was opened.
  contractOf(JSON.parse(text) as InstrumentSpec),
);

/** The contracts of a book, policy or account by id, in the order they are written. */
export function parseContracts(specifications: readonly string[]): Map<InstrumentId, Contract> {
  return new Map(specifications.map(parseContract).map((contract) => [contract.id, contract]));
}
