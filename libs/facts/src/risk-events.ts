import type { MarkStatus } from './market';
import type { MoneyAmount } from './money';

/** risk context, aggregate `book`. */

/** A book came under management. Everything risk needs to know of it, as the person wrote it, checked and hashed. */
export interface BookOpened {
  readonly book: string;
  readonly numeraire: string;
  readonly at: string;
  /** Positions that will enter the book, in file order. */
  readonly planned: readonly PlannedPosition[];
  /** Canonical JSON of every InstrumentSpec the book can touch (positions and hedges). */
  readonly specifications: readonly string[];
  readonly hedgeInstruments: readonly string[];
  readonly evaluation: EvaluationRules;
  /** SHA-256 of the canonical JSON of the book file. */
  readonly fileHash: string;
  /**
   * Names the book's snapshots, decisions and orders apart from those of every other epoch: a venue remembers client order ids for
   * longer than an epoch lasts. Absent on a tape, where the same run comes to the same ids.
   */
  readonly lineage?: string;
}

export interface PlannedPosition {
  readonly instrument: string;
  /** Signed; long positive. */
  readonly quantity: string;
  /** In the instrument's quote unit. */
  readonly price: string;
  /** Event time at which it enters the book. */
  readonly at: string;
}

/** When risk takes a snapshot. */
export interface EvaluationRules {
  /** Move of the underlying since the last snapshot that makes it material, basis points. */
  readonly priceMoveBps: string;
  /** At most this long between snapshots, ISO 8601 duration. */
  readonly maxInterval: string;
  /** A price older than this cannot be valued on. */
  readonly maxPriceAge: string;
  /** A volatility older than this cannot be valued on. */
  readonly maxVolatilityAge: string;
  /**
   * Of how many of its latest quotes an option's basis is the median: quoted forward over the composite when the quote came. Absent on
   * the record of releases that took the newest alone.
   */
  readonly basisQuotes?: number;
}

export interface PositionAdopted {
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
  readonly at: string;
  /** What it cost or brought: premium received is positive. Zero for perpetuals and futures. */
  readonly cash: MoneyAmount;
  readonly positionAfter: string;
  /** Index in `BookOpened.planned`; of no meaning where `requestId` or `venueTrade` is there. */
  readonly index: number;
  /** The desk's request that brought it about. */
  readonly requestId?: string;
  /** The trade it is part of; a correction takes the trade back and adopts what it was. */
  readonly tradeId?: string;
  /** Canonical JSON of the InstrumentSpec, where the book was opened without it. */
  readonly specification?: string;
  /** The trade at the venue that it is: one that somebody else made on the book's account. */
  readonly venueTrade?: VenueTradeAdopted;
}

export interface VenueTradeAdopted {
  readonly venue: string;
  readonly venueOrderId: string;
  readonly tradeId: string;
  /** By the venue's clock. */
  readonly tradedAt: string;
  /** Paid is negative. */
  readonly fee: MoneyAmount;
  /** Profit realised by its reducing part, fee not included. */
  readonly realised: MoneyAmount;
  readonly averagePriceAfter: string;
}

/** A request of the desk that risk turned down. */
export interface RequestRefused {
  readonly book: string;
  readonly requestId: string;
  readonly at: string;
  /** What was asked for: the type of the request. */
  readonly asked: string;
  readonly reasons: readonly string[];
}

/** A book is no longer managed: it is not valued, and nothing is decided for it. */
export interface BookClosed {
  readonly book: string;
  readonly requestId: string;
  readonly at: string;
  readonly closedBy: string;
  readonly reason: string;
}

export interface FillApplied {
  readonly book: string;
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly fillId: string;
  readonly quantity: string;
  readonly price: string;
  /** Fee paid is negative. */
  readonly fee: MoneyAmount;
  /** Profit realised by this fill (reducing part), fee not included. */
  readonly realised: MoneyAmount;
  readonly at: string;
  readonly positionAfter: string;
  readonly averagePriceAfter: string;
  /** Set where this undoes a fill that the venue busted: that fill's id. */
  readonly busts?: string;
}

export interface FundingAccrued {
  readonly book: string;
  readonly instrument: string;
  readonly rate: string;
  readonly position: string;
  readonly price: string;
  /** Received positive, paid negative. */
  readonly cash: MoneyAmount;
  readonly at: string;
}

export interface OptionSettled {
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly deliveryPrice: string;
  /** Per contract in the settlement currency. */
  readonly payoff: string;
  readonly cash: MoneyAmount;
  /** What the venue takes for delivering, negative; absent where it takes nothing. */
  readonly fee?: MoneyAmount;
  readonly at: string;
  /** The desk's request that named the price, where no venue did. */
  readonly requestId?: string;
}

export type SnapshotTrigger =
  'price-move' | 'interval' | 'position' | 'fill' | 'funding' | 'settlement' | 'status';

export interface MarkUsed {
  readonly instrument: string;
  readonly price: string;
  readonly bid?: string;
  readonly ask?: string;
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
  readonly source: string;
  readonly eventTime: string;
  readonly ageSeconds: number;
}

/** One position as it was valued. Greeks are of the whole leg (quantity included) in the numeraire, raw units. */
export interface LegValuation {
  readonly instrument: string;
  readonly quantity: string;
  readonly kind: string;
  readonly underlying: string;
  /** Value of the leg in the numeraire (perpetuals: unrealised profit). */
  readonly value: number;
  /** Options: value per contract in its settlement currency. */
  readonly unitValue: number;
  readonly forward: number;
  readonly strike: number;
  readonly volatility: number;
  /** When the volatility was quoted. */
  readonly volatilityTime: string;
  readonly expiryYears: number;
  /** Units of the underlying. */
  readonly delta: number;
  /** Units of the underlying per 1 USD move of it. */
  readonly gamma: number;
  /** Numeraire per 1.00 of volatility. */
  readonly vega: number;
  /** Numeraire per year of calendar time. */
  readonly theta: number;
  readonly vanna: number;
  readonly volga: number;
  /** What one contract more changes the book by; absent on the record of releases that did not say it. */
  readonly perContract?: ContractGreeks;
  /** What an option's numbers follow from; absent of everything else, and on the record of releases that did not say it. */
  readonly inputs?: OptionInputs;
}

/**
 * With strike, volatility, years, quantity and the snapshot's prices and rate, everything that the numbers of an option leg
 * follow from. Quoted forward over quoted spot is the basis that is held while spot moves.
 */
export interface OptionInputs {
  readonly optionType: 'call' | 'put';
  /** Units of the underlying per contract. */
  readonly contractSize: number;
  /** True when value is paid in the underlying itself. */
  readonly coinSettled: boolean;
  /** The forward of its expiry as it was quoted, USD. */
  readonly quotedForward: number;
  /** The underlying's price when it was quoted, USD. */
  readonly quotedSpot: number;
}

/**
 * What one contract bought now, paid for, brings to the Greeks of the whole account: same units as `Exposure`, whatever is held
 * of it. Where the price is paid in coin that coin is out of the balance: its delta is net of the premium.
 */
export interface ContractGreeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly vanna: number;
}

/** A leg that could not be priced, and why; it is in no total. */
export interface UnpricedLeg {
  readonly instrument: string;
  readonly quantity: string;
  readonly code: string;
  readonly message: string;
}

export interface BalanceValuation {
  readonly currency: string;
  readonly amount: string;
  /** In the numeraire. */
  readonly value: number;
}

/** All of a book's sensitivity to one underlying, in the numeraire, coin balances included. */
export interface Exposure {
  readonly underlying: string;
  /** Numeraire per unit. */
  readonly spot: number;
  readonly spotStatus: MarkStatus;
  readonly delta: number;
  /** Of the book's own positions: its options, and spot, perpetuals and futures that it brought in. */
  readonly optionDelta: number;
  /** Of the coin balances (and unsettled coin profit) alone. */
  readonly balanceDelta: number;
  /** Of what hedging traded. */
  readonly hedgeDelta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly vanna: number;
  readonly volga: number;
  /** Vega-weighted mark volatility of the option legs, per 1.00; 0 without options. */
  readonly volatility: number;
  /** Gamma-weighted years to expiry; 0 without options. */
  readonly expiryYears: number;
}

/** Cumulative since the book was opened, in the numeraire, exact decimals (8 digits). hedged = options + settlement + hedge + fees + funding; unhedged = options + settlement. */
export interface ProfitAndLoss {
  readonly unhedged: string;
  readonly hedged: string;
  /** The book's own positions: premiums and the present value of live options, the coin they brought in, and the trading result of spot, perpetuals and futures that the book brought in. */
  readonly options: string;
  /** Trading result of what hedging traded, before fees and funding. */
  readonly hedge: string;
  /** Paid is negative. */
  readonly fees: string;
  /** Received positive. */
  readonly funding: string;
  /** Payoffs at expiry, at the delivery price. */
  readonly settlement: string;
}

/** Every number that the valuation used and gave. */
export interface RiskSnapshotTaken {
  readonly snapshotId: string;
  readonly book: string;
  readonly numeraire: string;
  readonly at: string;
  readonly trigger: SnapshotTrigger;
  /** Counts the book's position changes; equal versions mean equal positions. */
  readonly positionsVersion: number;
  readonly model: string;
  readonly kernelHash: string;
  /** Continuous rate used for discounting, per year. */
  readonly rate: number;
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
  readonly marks: readonly MarkUsed[];
  readonly legs: readonly LegValuation[];
  readonly unpriced: readonly UnpricedLeg[];
  readonly balances: readonly BalanceValuation[];
  readonly exposures: readonly Exposure[];
  readonly equity: string;
  readonly pnl: ProfitAndLoss;
}
