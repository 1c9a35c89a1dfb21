import type { DomainEvent, EventPayloads, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { costOfFill } from './fill-cost';
import type { ContractLookup } from './journal-entries';

/** Trades of an interval in one instrument. Amounts in its settlement currency. */
export interface Traded {
  readonly contract: Contract;
  /** Signed. */
  quantity: number;
  /** What it was worth at the prices that the decisions saw; at its own price where the record has no such price. */
  worth: number;
  /** From that price to the touch: the half spread, and what the market moved while the order was on its way. */
  slippage: number;
  /** Beyond the touch: what the order’s own size cost. */
  impact: number;
}

/** Cash that came in or went out for one contract, in one currency, under one heading. */
export interface Paid {
  readonly contract: Contract;
  readonly currency: string;
  readonly term: 'fees' | 'funding' | 'settlement' | undefined;
  amount: number;
}

/** What happened to a book since its last snapshot, added up by instrument: as large as the book, however long it takes. */
export interface Activity {
  readonly traded: Map<string, Traded>;
  readonly paid: Map<string, Paid>;
}

export function noActivity(): Activity {
  return { traded: new Map(), paid: new Map() };
}

export interface ActivityContext {
  readonly contracts: ContractLookup;
  /** The price that an order was decided on, where the record has it. */
  readonly referenceOf: (clientOrderId: string) => number | undefined;
  /** The snapshot at the interval’s beginning; a book’s first interval has none. */
  readonly before: RiskSnapshotTaken | undefined;
}

/** Adds one of the book's events, in the order of the record. */
export function noteActivity(activity: Activity, event: DomainEvent, context: ActivityContext): void {
  switch (event.type) {
    case 'PositionAdopted': {
      const { instrument, quantity, price, cash } = event.payload;
      const contract = context.contracts(instrument);
      const traded = tradedIn(activity, contract);
      traded.quantity += Number(quantity);
      traded.worth += contractValueNumber(contract, Number(quantity), Number(price));
      const { venueTrade } = event.payload;
      if (venueTrade !== undefined) {
        const { fee, realised } = venueTrade;
        pay(activity, contract, fee.currency, Number(fee.amount), 'fees');
        if (contract.exchange !== 'paid')
          return pay(activity, contract, realised.currency, Number(realised.amount));
      }
      return pay(activity, contract, cash.currency, Number(cash.amount));
    }
    case 'FillApplied':
      return noteFill(activity, event.payload, context);
    case 'FundingAccrued': {
      const { instrument, cash } = event.payload;
      return pay(activity, context.contracts(instrument), cash.currency, Number(cash.amount), 'funding');
    }
    case 'OptionSettled': {
      const { instrument, cash, fee } = event.payload;
      const contract = context.contracts(instrument);
      if (fee !== undefined) pay(activity, contract, fee.currency, Number(fee.amount), 'fees');
      return pay(activity, contract, cash.currency, Number(cash.amount), 'settlement');
    }
    default:
      return undefined;
  }
}

function noteFill(activity: Activity, fill: EventPayloads['FillApplied'], context: ActivityContext): void {
  const contract = context.contracts(fill.instrument);
  const { worth, slippage, impact } = costOfFill(contract, fill, {
    reference: context.referenceOf(fill.clientOrderId),
    before: context.before,
  });
  const [quantity, price] = [Number(fill.quantity), Number(fill.price)];
  const traded = tradedIn(activity, contract);
  traded.quantity += quantity;
  traded.worth += worth;
  traded.slippage += slippage;
  traded.impact += impact;
  const principal =
    contract.exchange === 'paid'
      ? -contractValueNumber(contract, quantity, price)
      : Number(fill.realised.amount);
  pay(activity, contract, fill.realised.currency, principal);
  pay(activity, contract, fill.fee.currency, Number(fill.fee.amount), 'fees');
}

function tradedIn({ traded }: Activity, contract: Contract): Traded {
  const known = traded.get(contract.id);
  if (known !== undefined) return known;
  const fresh: Traded = { contract, quantity: 0, worth: 0, slippage: 0, impact: 0 };
  traded.set(contract.id, fresh);
  return fresh;
}

function pay(
  { paid }: Activity,
  contract: Contract,
  currency: string,
  amount: number,
  term?: Paid['term'],
): void {
  const key = `${contract.id} ${currency} ${term ?? ''}`;
  const known = paid.get(key);
  if (known === undefined) paid.set(key, { contract, currency, term, amount });
  else known.amount += amount;
}
