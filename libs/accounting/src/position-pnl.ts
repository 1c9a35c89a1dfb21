import type {
  BookOpened,
  CommitView,
  DomainEvent,
  EventPayloads,
  MoneyAmount,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import { AMOUNT_DIGITS } from '@evenkeel/instruments';
import { Decimal, required, sum } from '@evenkeel/kernel';
import { NOT_HELD, cashAtExpiry, conversionAt, maybeHedge, positionWith, spotIn } from '@evenkeel/risk';
import type { Conversion, Position } from '@evenkeel/risk';
import { EXACT_DIGITS, tradedIn, worthAt } from './held-position';
import type { Held, Traded } from './held-position';
import { contractsOfBook, withContract } from './journal-entries';
import type { ContractLookup } from './journal-entries';

/** Who brought a position about: the book itself, its hedging, or an epoch before this one. */
export type PositionOrigin = 'own' | 'hedge' | 'brought-forward';

/** What one contract brought a book, apart for who traded it. Decimal strings in the numeraire, 8 digits each. */
export interface PositionPnl {
  /** Empty where cash was brought forward from another epoch, which no instrument is named with. */
  readonly instrument: string;
  readonly origin: PositionOrigin;
  /** Contracts held at the last snapshot, signed. */
  readonly quantity: string;
  /** All cash that it brought (positive) or cost, fees and funding included, at the prices of the last snapshot. */
  readonly cash: string;
  /** Worth at the last snapshot; 0 where it had no price. */
  readonly value: string;
  /** Worth at the first snapshot, of what came from another epoch. */
  readonly start: string;
  /** cash + value − start */
  readonly pnl: string;
}

/** Positions whose P&L, with what rounding each to 8 digits leaves over, is the hedged P&L exactly. */
export interface PositionsPnl {
  /** The largest first, by the size of their P&L. */
  readonly positions: readonly PositionPnl[];
  readonly positionsRounding: string;
}

interface Holding {
  readonly instrument: string;
  readonly origin: PositionOrigin;
  readonly cash: Map<string, Decimal>;
  value: Decimal;
  start: Decimal;
}

/**
 * The P&L of a book's positions as a fold over its events in the order of the record; it says what was so at the last snapshot.
 * The account has one position in a contract. What the book itself brought in of it counts as if nothing had been hedged, and the
 * hedges' is what the account has beyond that, in cash as in worth: the lines of a snapshot's P&L, contract by contract.
 */
export class PositionsOfBook {
  private contracts: ContractLookup;
  private readonly account: Held = new Map();
  private readonly own: Held = new Map();
  private readonly holdings = new Map<string, Holding>();
  private readonly spots = new Map<string, string>();
  private since: DomainEvent[] = [];
  private last: RiskSnapshotTaken | undefined;
  private carried: EventPayloads['BookCarried'] | undefined;

  constructor(private readonly opened: BookOpened) {
    this.contracts = contractsOfBook(opened);
  }

  /** Takes any event of the book; those without meaning here are ignored. */
  note(event: DomainEvent): void {
    if (event.type === 'RiskSnapshotTaken') this.reach(event.payload);
    else if (KINDS.has(event.type)) this.since.push(event);
  }

  report(): PositionsPnl {
    const { last } = this;
    if (last === undefined) return { positions: [], positionsRounding: '0' };
    const worth = this.worthIn(last, this.account, this.own);
    const convert = this.conversion();
    const told = [...this.holdings.values()].map((holding) =>
      toldOf(holding, {
        quantity: this.quantityOf(holding),
        cash: sum([...holding.cash].flatMap(([currency, amount]) => convert(currency, amount) ?? [])),
        value:
          holding.origin === 'brought-forward' ? holding.value : worth(holding.instrument, holding.origin),
      }),
    );
    const total = sum(told.map(({ pnl }) => Decimal.parse(pnl)));
    return {
      positions: told.sort(largestFirst),
      positionsRounding: Decimal.parse(last.pnl.hedged).minus(total).toString(),
    };
  }

  private reach(snapshot: RiskSnapshotTaken): void {
    for (const event of this.since) this.fold(event);
    this.since = [];
    this.last = snapshot;
    const coins = [
      snapshot.numeraire,
      ...snapshot.balances.map(({ currency }) => currency),
      ...snapshot.exposures.map(({ underlying }) => underlying),
    ];
    for (const coin of coins) {
      const spot = spotIn(snapshot, coin);
      if (spot !== undefined) this.spots.set(coin, spot);
    }
    if (this.carried !== undefined) this.begin(snapshot, this.carried);
    this.carried = undefined;
  }

  private fold(event: DomainEvent): void {
    switch (event.type) {
      case 'PositionAdopted': {
        const { specification, venueTrade, instrument } = event.payload;
        if (specification !== undefined) this.contracts = withContract(this.contracts, specification);
        this.trade(event.payload, 'own');
        if (venueTrade !== undefined) this.pay(instrument, 'own', venueTrade.fee);
        return;
      }
      case 'FillApplied': {
        const { instrument, fee } = event.payload;
        const origin = this.shared(instrument) ? 'hedge' : 'own';
        this.trade(event.payload, origin);
        return this.pay(instrument, origin, fee);
      }
      case 'FundingAccrued':
        return this.fund(event.payload);
      case 'OptionSettled':
        return this.settle(event.payload);
      case 'BookCarried':
        return this.carry(event.payload);
      default:
        return undefined;
    }
  }

  /** Whether hedges may hold it beside the book. */
  private shared(instrument: string): boolean {
    return maybeHedge(this.opened, this.contracts(instrument));
  }

  private holding(instrument: string, origin: PositionOrigin): Holding {
    const key = `${origin} ${instrument}`;
    const known = this.holdings.get(key);
    if (known !== undefined) return known;
    const fresh = { instrument, origin, cash: new Map(), value: Decimal.ZERO, start: Decimal.ZERO };
    this.holdings.set(key, fresh);
    return fresh;
  }

  private pay(instrument: string, origin: PositionOrigin, { currency, amount }: MoneyAmount): void {
    const { cash } = this.holding(instrument, origin);
    cash.set(currency, (cash.get(currency) ?? Decimal.ZERO).plus(Decimal.parse(amount)));
  }

  private trade(trade: Traded, origin: 'own' | 'hedge'): void {
    const contract = this.contracts(trade.instrument);
    const whole = tradedIn(this.account, contract, trade);
    const own =
      this.shared(contract.id) && origin === 'own' ? tradedIn(this.own, contract, trade) : undefined;
    const share = own ?? (origin === 'own' ? whole : Decimal.ZERO);
    this.split(contract.id, contract.settlement, whole, share);
    // Named even where nothing was paid: a perpetual costs nothing to enter.
    this.holding(contract.id, origin);
  }

  /** Cash of a contract: the book's own share of it, and the rest. */
  private split(instrument: string, currency: string, whole: Decimal, own: Decimal): void {
    const rest = whole.minus(own);
    if (!own.isZero()) this.pay(instrument, 'own', { currency, amount: own.toString() });
    if (!rest.isZero()) this.pay(instrument, 'hedge', { currency, amount: rest.toString() });
  }

  private fund({ instrument, position, cash }: EventPayloads['FundingAccrued']): void {
    this.share(instrument, position, cash);
  }

  /** Paid on the whole position: the book's own share goes by its quantity. */
  private share(instrument: string, position: string, cash: MoneyAmount): void {
    const [whole, amount] = [Decimal.parse(position), Decimal.parse(cash.amount)];
    const own = Decimal.parse((this.own.get(instrument) ?? NOT_HELD).quantity);
    const share = whole.isZero()
      ? Decimal.ZERO
      : amount.times(own).dividedBy(whole, AMOUNT_DIGITS, 'half-even');
    this.split(instrument, cash.currency, amount, share);
  }

  private settle({ instrument, quantity, cash, fee, deliveryPrice }: EventPayloads['OptionSettled']): void {
    const whole = Decimal.parse(cash.amount);
    const own = this.shared(instrument)
      ? cashAtExpiry(
          this.contracts(instrument),
          this.own.get(instrument) ?? NOT_HELD,
          Decimal.parse(deliveryPrice),
        )
      : whole;
    this.split(instrument, cash.currency, whole, own);
    if (fee !== undefined && this.shared(instrument)) this.share(instrument, quantity, fee);
    else if (fee !== undefined) this.pay(instrument, 'own', fee);
    this.account.delete(instrument);
    this.own.delete(instrument);
  }

  /** Cash of another epoch has no instrument; positions begin here at what they are worth at the first snapshot. */
  private carry(payload: EventPayloads['BookCarried']): void {
    this.carried = payload;
    for (const cash of payload.cash) this.pay('', 'brought-forward', cash);
    for (const { instrument, quantity, basis } of payload.positions)
      this.account.set(instrument, positionWith(quantity, basis));
    for (const { instrument, quantity, basis } of payload.own)
      this.own.set(instrument, positionWith(quantity, basis));
  }

  private begin(snapshot: RiskSnapshotTaken, { positions, own }: EventPayloads['BookCarried']): void {
    const held = (carried: typeof positions): Held =>
      new Map(carried.map(({ instrument, quantity, basis }) => [instrument, positionWith(quantity, basis)]));
    const worth = this.worthIn(snapshot, held(positions), held(own));
    const forward = this.holding('', 'brought-forward');
    for (const { instrument } of positions)
      for (const origin of this.shared(instrument) ? (['own', 'hedge'] as const) : (['own'] as const)) {
        const start = worth(instrument, origin).round(AMOUNT_DIGITS, 'half-even');
        if (start.isZero()) continue;
        this.holding(instrument, origin).start = start;
        forward.value = forward.value.plus(start);
      }
  }

  private quantityOf({ instrument, origin }: Holding): Decimal {
    const of = (held: Held): Decimal => Decimal.parse((held.get(instrument) ?? NOT_HELD).quantity);
    if (origin === 'brought-forward') return Decimal.ZERO;
    if (!this.shared(instrument)) return of(this.account);
    return origin === 'own' ? of(this.own) : of(this.account).minus(of(this.own));
  }

  private conversion(): Conversion {
    return conversionAt((currency) => this.spots.get(currency), this.opened.numeraire);
  }

  /** What is held is worth by a snapshot, numeraire. */
  private worthIn(
    snapshot: RiskSnapshotTaken,
    account: Held,
    own: Held,
  ): (instrument: string, origin: 'own' | 'hedge') => Decimal {
    const legs = new Map(snapshot.legs.map((leg) => [leg.instrument, leg]));
    const marks = new Map(snapshot.marks.map((mark) => [mark.instrument, mark]));
    const unpriced = new Set(snapshot.unpriced.map(({ instrument }) => instrument));
    const convert = this.conversion();
    const worthOf = (instrument: string, position: Position | undefined): Decimal => {
      if (position === undefined || position.contracts === 0 || unpriced.has(instrument)) return Decimal.ZERO;
      const leg = legs.get(instrument);
      const valued = this.account.get(instrument);
      if (leg !== undefined && valued?.quantity === position.quantity && valued.basis === position.basis)
        return Decimal.ofNumber(leg.value, EXACT_DIGITS);
      const contract = this.contracts(instrument);
      const unit = contract.kind === 'option' ? leg?.unitValue : marks.get(instrument)?.price;
      if (unit === undefined) return Decimal.ZERO;
      return convert(contract.settlement, worthAt(contract, position, unit)) ?? Decimal.ZERO;
    };
    return (instrument, origin) => {
      const whole = worthOf(instrument, account.get(instrument));
      if (!this.shared(instrument)) return whole;
      const mine = worthOf(instrument, own.get(instrument));
      return origin === 'own' ? mine : whole.minus(mine);
    };
  }
}

/** What moves cash or positions. */
const KINDS: ReadonlySet<DomainEvent['type']> = new Set([
  'PositionAdopted',
  'FillApplied',
  'FundingAccrued',
  'OptionSettled',
  'BookCarried',
]);

interface Told {
  readonly quantity: Decimal;
  readonly cash: Decimal;
  readonly value: Decimal;
}

function toldOf({ instrument, origin, start }: Holding, told: Told): PositionPnl {
  const [cash, value] = [told.cash, told.value].map((amount) => amount.round(AMOUNT_DIGITS, 'half-even'));
  const parts = { cash: cash ?? Decimal.ZERO, value: value ?? Decimal.ZERO };
  return {
    instrument,
    origin,
    quantity: told.quantity.toString(),
    cash: parts.cash.toString(),
    value: parts.value.toString(),
    start: start.toString(),
    pnl: parts.cash.plus(parts.value).minus(start).toString(),
  };
}

/** By size; of one size by name, so that the same run says the same. */
function largestFirst(a: PositionPnl, b: PositionPnl): number {
  const bySize = Decimal.parse(b.pnl).abs().compare(Decimal.parse(a.pnl).abs());
  if (bySize !== 0) return bySize;
  return `${a.instrument} ${a.origin}` < `${b.instrument} ${b.origin}` ? -1 : 1;
}

/** The same for the books of a run, as a fold over its commits in order. */
export function createRunPositions() {
  const books = new Map<string, PositionsOfBook>();
  return {
    /** Folds one commit of any context; those without meaning here are ignored. */
    add(commit: Pick<CommitView, 'book' | 'events'>): void {
      for (const event of commit.events)
        if (event.type === 'BookOpened') books.set(event.payload.book, new PositionsOfBook(event.payload));
        else books.get(commit.book)?.note(event);
    },
    of: (book: string): PositionsPnl => required(books.get(book), `the positions of ${book}`).report(),
  };
}
