import type { DomainEvent, EventOf, EventPayloads, EventTypeWith, MoneyAmount } from '@evenkeel/facts';
import {
  contractOf,
  contractValue,
  parseContract,
  parseContracts,
  specificationOf,
} from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, EvenkeelError, assert, sum, uuidV5 } from '@evenkeel/kernel';
import { ACCOUNTS, inventoryOf } from './chart-of-accounts';

export interface JournalLine {
  readonly account: string;
  readonly currency: string;
  /** Debit positive, credit negative; exact decimal. */
  readonly amount: string;
}

/** One balanced entry of the double-entry books. */
export interface JournalEntry {
  /** Follows from the event, so posting it twice is seen. */
  readonly entryId: string;
  readonly book: string;
  /** Event time. */
  readonly at: string;
  readonly eventType: string;
  readonly instrument: string;
  readonly lines: readonly JournalLine[];
}

/** The contract of an instrument; of the built-in catalogue unless a book came with its own. */
export type ContractLookup = (instrument: string) => Contract;

/** The contracts of the built-in catalogue. Throws `ACCOUNTING.NO_TERMS` for what it does not hold. */
export function builtInContracts(instrument: string): Contract {
  const found = specificationOf(instrument);
  if (!found.ok) throw new EvenkeelError({ code: 'ACCOUNTING.NO_TERMS', message: found.failure.message });
  return contractOf(found.value);
}

/** The contracts that a book was opened with. Throws `ACCOUNTING.NO_TERMS` for an instrument it does not have. */
export function contractsOfBook(opened: EventPayloads['BookOpened']): ContractLookup {
  const contracts = parseContracts(opened.specifications);
  return (instrument) => {
    const contract = contracts.get(instrument);
    if (contract !== undefined) return contract;
    throw new EvenkeelError({
      code: 'ACCOUNTING.NO_TERMS',
      message: `book ${opened.book} has no terms of ${instrument}`,
    });
  };
}

/** The same with one contract more: of a trade of the desk in what the book was opened without. */
export function withContract(lookup: ContractLookup, specification: string): ContractLookup {
  const added = parseContract(specification);
  return (instrument) => (instrument === added.id ? added : lookup(instrument));
}

type MoneyEvent = EventOf<EventTypeWith<'postings'>>;

/** The entries of each event that `EVENT_TABLE` says is posted. */
const POSTINGS: {
  readonly [T in MoneyEvent['type']]: (event: EventOf<T>, contracts: ContractLookup) => JournalEntry[];
} = {
  PositionAdopted: ({ payload }, contracts) => adoption(payload, contracts),
  FillApplied: ({ payload }, contracts) => fill(payload, contracts),
  BookCarried: ({ payload }, contracts) => opening(payload, contracts),
  FundingAccrued: (event) => {
    const { instrument, at, cash } = event.payload;
    return present(entry(event, `${instrument}/${at}`, moved(cash, ACCOUNTS.funding)));
  },
  OptionSettled: (event, contracts) =>
    present(entry(event, event.payload.instrument, settlement(event.payload, contracts))),
};

/**
 * What an event means for the books: entries that balance in every currency to the last unit. Events that move no money
 * have none.
 */
export function postingsOf(event: DomainEvent, contracts: ContractLookup = builtInContracts): JournalEntry[] {
  if (!movesMoney(event)) return [];
  // The function of a type takes the event of that type; the compiler loses the pair over a union.
  const post = POSTINGS[event.type] as (event: MoneyEvent, contracts: ContractLookup) => JournalEntry[];
  return post(event, contracts);
}

function movesMoney(event: DomainEvent): event is MoneyEvent {
  return event.type in POSTINGS;
}

type Line = readonly [account: string, currency: string, amount: Decimal];

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

/** Money that came in (positive) or went out, against one account. */
function moved(cash: MoneyAmount, against: string): Line[] {
  const amount = Decimal.parse(cash.amount);
  return [
    [ACCOUNTS.cash, cash.currency, amount],
    [against, cash.currency, amount.negated()],
  ];
}

function adoption(payload: EventPayloads['PositionAdopted'], contracts: ContractLookup): JournalEntry[] {
  const { venueTrade } = payload;
  if (venueTrade !== undefined) {
    const { venue, tradeId, fee, realised } = venueTrade;
    const { instrument, quantity, price } = payload;
    const lines = tradeLines({ instrument, quantity, price, fee, realised }, contracts);
    return present(entry({ type: 'PositionAdopted', payload }, `${venue}/${tradeId}`, lines));
  }
  const isSpot = contracts(payload.instrument).kind === 'spot';
  const lines = moved(payload.cash, isSpot ? inventoryOf(payload.instrument) : ACCOUNTS.premiums);
  return present(entry({ type: 'PositionAdopted', payload }, keyOf(payload), lines));
}

/** Cash and spot holdings at cost as the other epoch left them, against one account. */
function opening(payload: EventPayloads['BookCarried'], contracts: ContractLookup): JournalEntry[] {
  const { book, at, fromEpoch } = payload;
  const cash = payload.cash.flatMap(({ currency, amount }) =>
    moved({ currency, amount }, ACCOUNTS.broughtForward),
  );
  const holdings = payload.positions.flatMap(({ instrument, basis }): Line[] => {
    const { kind, settlement } = contracts(instrument);
    if (kind !== 'spot') return [];
    const cost = Decimal.parse(basis);
    return [
      [inventoryOf(instrument), settlement, cost],
      [ACCOUNTS.broughtForward, settlement, cost.negated()],
    ];
  });
  const of = { type: 'BookCarried', book, at, instrument: '' } as const;
  return present(entryOf(of, fromEpoch, [...cash, ...holdings]));
}

/** Planned positions have an index each, trades of the desk and of the venue have not. */
function keyOf({ index, requestId, positionAfter }: EventPayloads['PositionAdopted']): string {
  // A correction is two trades of one request, after which the position is never the same.
  return requestId === undefined ? `#${index}` : `${requestId}/${positionAfter}`;
}

function fill(payload: EventPayloads['FillApplied'], contracts: ContractLookup): JournalEntry[] {
  const lines = tradeLines(payload, contracts);
  return present(entry({ type: 'FillApplied', payload }, payload.fillId, lines));
}

type Trade = Pick<EventPayloads['FillApplied'], 'instrument' | 'quantity' | 'price' | 'fee' | 'realised'>;

/** Premium or principal, the profit realised by the reducing part, and the fee, in one entry. */
function tradeLines(payload: Trade, contracts: ContractLookup): Line[] {
  const contract = contracts(payload.instrument);
  const realised = Decimal.parse(payload.realised.amount);
  const { currency } = payload.realised;
  const lines: Line[] = moved(payload.fee, ACCOUNTS.fees);
  if (contract.kind === 'option') {
    lines.push(...moved({ currency, amount: principal(payload, contract).toString() }, ACCOUNTS.premiums));
  } else if (contract.kind === 'spot') {
    const cash = principal(payload, contract);
    // Inventory moves at cost: what was paid, or what came in less the profit on it.
    lines.push(
      [ACCOUNTS.cash, currency, cash],
      [inventoryOf(payload.instrument), currency, realised.minus(cash)],
    );
    lines.push([ACCOUNTS.trading, currency, realised.negated()]);
  } else {
    lines.push(...moved(payload.realised, ACCOUNTS.trading));
  }
  return lines;
}

function principal(payload: Trade, contract: Contract): Decimal {
  return contractValue(contract, Decimal.parse(payload.quantity), Decimal.parse(payload.price)).negated();
}

function settlement(payload: EventPayloads['OptionSettled'], contracts: ContractLookup): Line[] {
  const isOption = contracts(payload.instrument).kind === 'option';
  const paid = moved(payload.cash, isOption ? ACCOUNTS.settlement : ACCOUNTS.trading);
  return payload.fee === undefined ? paid : [...paid, ...moved(payload.fee, ACCOUNTS.fees)];
}

function entry(
  { type, payload }: Exclude<MoneyEvent, { readonly type: 'BookCarried' }>,
  key: string,
  lines: readonly Line[],
): JournalEntry | undefined {
  return entryOf({ type, ...payload }, key, lines);
}

interface Posted {
  readonly type: MoneyEvent['type'];
  readonly book: string;
  readonly at: string;
  readonly instrument: string;
}

function entryOf(
  { type, book, at, instrument }: Posted,
  key: string,
  lines: readonly Line[],
): JournalEntry | undefined {
  const merged = merge(lines);
  if (merged.length === 0) return undefined;
  assertBalanced(merged);
  return {
    entryId: uuidV5(`journal-entry/${book}/${type}/${key}`),
    book,
    at,
    eventType: type,
    instrument,
    lines: merged,
  };
}

/** One line per account and currency, in order of first mention, none of them zero. */
function merge(lines: readonly Line[]): JournalLine[] {
  const totals = new Map<string, Line>();
  for (const [account, currency, amount] of lines) {
    const key = `${account} ${currency}`;
    const before = totals.get(key);
    totals.set(key, [account, currency, before === undefined ? amount : before[2].plus(amount)]);
  }
  return [...totals.values()]
    .filter(([, , amount]) => !amount.isZero())
    .map(([account, currency, amount]) => ({ account, currency, amount: amount.toString() }));
}

function assertBalanced(lines: readonly JournalLine[]): void {
  for (const currency of new Set(lines.map((line) => line.currency))) {
    const total = sum(
      lines.filter((line) => line.currency === currency).map((line) => Decimal.parse(line.amount)),
    );
    assert(total.isZero(), `an entry balances in ${currency}, not ${total.toString()}`);
  }
}
