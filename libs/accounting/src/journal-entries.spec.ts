import type { DomainEvent, EventPayloads, MoneyAmount } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { Decimal, canonicalJson, sum } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import fc from 'fast-check';
import {
  createScenario,
  bookOpened,
  filled,
  optionMark,
  priceMark,
  spotMark,
} from '../../risk/test/scenario';
import { postingsOf, contractsOfBook } from './journal-entries';
import type { JournalEntry } from './journal-entries';
import { trialBalance } from './trial-balance.test-support';

const T0 = '2026-01-02T10:00:00Z';
const usdt = (amount: string): MoneyAmount => ({ currency: 'USDT', amount });

function fill(over: Partial<EventPayloads['FillApplied']>): DomainEvent {
  const payload = {
    book: 'b',
    instrument: 'BTCUSDT-PERP@binance',
    clientOrderId: 'o',
    fillId: 'f-1',
    quantity: '-0.5',
    price: '90000',
    fee: usdt('-22.5'),
    realised: usdt('0'),
    at: T0,
    positionAfter: '-0.5',
    averagePriceAfter: '90000',
    ...over,
  };
  return { type: 'FillApplied', payload };
}

const linesOf = (entries: readonly JournalEntry[]): string[][] =>
  entries.flatMap(({ lines }) => lines.map(({ account, currency, amount }) => [account, currency, amount]));

describe('postings', () => {
  it('of a busted fill reverse it to the last unit', () => {
    const entries = [
      fill({}),
      fill({ fillId: 'f-1/bust', busts: 'f-1', quantity: '0.5', fee: usdt('22.5') }),
    ].flatMap((event) => postingsOf(event));
    expect(entries).toHaveLength(2);
    expect(new Set(entries.map(({ entryId }) => entryId)).size).toBe(2);
    expect(trialBalance(entries)).toEqual([]);
  });

  it('of two trades of the desk, and of the two halves of a correction, are entries of their own', () => {
    const trade = (requestId: string, quantity: string, positionAfter: string): DomainEvent => ({
      type: 'PositionAdopted',
      payload: {
        book: 'b',
        instrument: 'BTC-9JAN26-89000-C@deribit',
        quantity,
        price: '0.022',
        at: T0,
        cash: { currency: 'BTC', amount: quantity === '-1' ? '0.022' : '-0.022' },
        positionAfter,
        index: 0,
        requestId,
        tradeId: 't',
      },
    });
    const events = [trade('r-1', '-1', '-1'), trade('r-2', '1', '0'), trade('r-2', '-1', '-1')];
    const entries = events.flatMap((event) => postingsOf(event));
    expect(new Set(entries.map(({ entryId }) => entryId)).size).toBe(3);
  });

  it('of a venue’s trade that was adopted are those of a fill: profit realised, fee paid', () => {
    const adopted: DomainEvent = {
      type: 'PositionAdopted',
      payload: {
        book: 'b',
        instrument: 'BTCUSDT-PERP@binance',
        quantity: '0.5',
        price: '89000',
        at: T0,
        cash: usdt('0'),
        positionAfter: '0',
        index: 0,
        venueTrade: {
          venue: 'binance',
          venueOrderId: '4711',
          tradeId: '17',
          tradedAt: T0,
          fee: usdt('-22.5'),
          realised: usdt('500'),
          averagePriceAfter: '0',
        },
      },
    };
    const over = { quantity: '0.5', price: '89000', realised: usdt('500') };
    expect(linesOf(postingsOf(adopted))).toEqual(linesOf(postingsOf(fill(over))));
  });

  it('of a premium received: cash in, income booked, in coin', () => {
    const cash = { currency: 'BTC', amount: '0.022' };
    const payload = {
      book: 'b',
      instrument: 'BTC-9JAN26-89000-C@deribit',
      quantity: '-1',
      price: '0.022',
      at: T0,
      cash,
      positionAfter: '-1',
      index: 0,
    };
    expect(linesOf(postingsOf({ type: 'PositionAdopted', payload }))).toEqual([
      ['assets/cash', 'BTC', '0.022'],
      ['income/option-premiums', 'BTC', '-0.022'],
    ]);
  });

  it('of a perpetual’s fill: the fee and the realised profit, nothing for what stays open', () => {
    expect(linesOf(postingsOf(fill({ realised: usdt('100') })))).toEqual([
      ['assets/cash', 'USDT', '77.5'],
      ['expenses/fees', 'USDT', '22.5'],
      ['income/trading', 'USDT', '-100'],
    ]);
  });

  it('of spot: inventory moves at cost', () => {
    const spot = { instrument: 'BTCUSDT@binance', fee: usdt('0') };
    const bought = postingsOf(fill({ ...spot, quantity: '2', price: '100' }));
    const sold = postingsOf(
      fill({ ...spot, fillId: 'f-2', quantity: '-1', price: '130', realised: usdt('30') }),
    );
    expect(linesOf(sold)).toEqual([
      ['assets/cash', 'USDT', '130'],
      ['assets/inventory/BTCUSDT@binance', 'USDT', '-100'],
      ['income/trading', 'USDT', '-30'],
    ]);
    expect(
      trialBalance([...bought, ...sold]).find(({ account }) => account.startsWith('assets/inventory'))
        ?.amount,
    ).toBe('100');
  });

  it('keep a fee in its own currency', () => {
    const entries = postingsOf(fill({ fee: { currency: 'BNB', amount: '-0.01' }, realised: usdt('5') }));
    expect(linesOf(entries)).toEqual([
      ['assets/cash', 'BNB', '-0.01'],
      ['expenses/fees', 'BNB', '0.01'],
      ['assets/cash', 'USDT', '5'],
      ['income/trading', 'USDT', '-5'],
    ]);
  });

  it('book what a venue takes for delivering beside the payoff', () => {
    const settled = {
      book: 'b',
      instrument: 'BTC-9JAN26-89000-P@deribit',
      quantity: '-1',
      deliveryPrice: '80000',
      payoff: '0.1125',
      cash: { currency: 'BTC', amount: '-0.1125' },
      fee: { currency: 'BTC', amount: '-0.00015' },
      at: T0,
    };
    expect(linesOf(postingsOf({ type: 'OptionSettled', payload: settled }))).toEqual([
      ['assets/cash', 'BTC', '-0.11265'],
      ['income/settlement', 'BTC', '0.1125'],
      ['expenses/fees', 'BTC', '0.00015'],
    ]);
  });

  it('are none for what moves no money, and named by the event so that twice is seen', () => {
    const settled = {
      book: 'b',
      instrument: 'BTC-9JAN26-89000-P@deribit',
      quantity: '-1',
      deliveryPrice: '90000',
      payoff: '0',
      cash: { currency: 'BTC', amount: '0' },
      at: T0,
    };
    expect(postingsOf({ type: 'OptionSettled', payload: settled })).toEqual([]);
    expect(postingsOf(fill({}))[0]?.entryId).toBe(postingsOf(fill({}))[0]?.entryId);
    expect(postingsOf(fill({}))[0]?.entryId).not.toBe(postingsOf(fill({ fillId: 'f-2' }))[0]?.entryId);
  });

  it('need the terms of what was traded', () => {
    expect(() => postingsOf(fill({ instrument: 'DOGEUSDT-PERP@binance' }))).toThrow(
      expect.objectContaining({ code: 'ACCOUNTING.NO_TERMS' }),
    );
  });
});

const INSTRUMENTS = [
  'BTCUSDT-PERP@binance',
  'BTC-PERPETUAL@deribit',
  'BTCUSDT@binance',
  'BTC-30JAN26-90000-P@deribit',
] as const;
const step = fc.record({
  instrument: fc.constantFrom(...INSTRUMENTS),
  units: fc.integer({ min: -40, max: 40 }).filter((units) => units !== 0),
  price: fc.integer({ min: 7_000_000, max: 11_000_000 }),
  fee: fc.integer({ min: -900, max: 300 }),
  funding: fc.boolean(),
});

describe('the books of a random account', () => {
  it('balance entry by entry, and their cash is the cash that risk values', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const scenario = createScenario(createRiskCore(), 'book');
        const option = 'BTC-9JAN26-89000-C@deribit';
        const planned = [{ instrument: option, quantity: '-2', price: '0.022', at: T0 }];
        const opened = bookOpened({ planned, hedges: INSTRUMENTS });
        if (opened.type !== 'BookOpened') throw new Error('a book was opened');
        scenario.own('b', T0, opened);
        const marks = [
          optionMark(option, 0.5, 90000, T0),
          ...INSTRUMENTS.slice(0, 3).map((id) => priceMark(id, 90000, T0)),
          spotMark('BTC', 90000, T0),
        ];
        scenario.instant(T0, { marks });
        steps.forEach(({ instrument, units, price, fee, funding }, index) => {
          const isOption = instrument.endsWith('-P@deribit');
          const coin = instrument.endsWith('@deribit');
          const trade = {
            instrument,
            fillId: `f-${index}`,
            quantity: isOption
              ? (units / 10).toFixed(1)
              : coin
                ? String(units * 7)
                : (units / 1000).toFixed(3),
            price: isOption ? (price / 1e9).toFixed(4) : (price / 100).toFixed(2),
            fee: coin ? { currency: 'BTC', amount: (fee / 1e7).toFixed(7) } : usdt((fee / 100).toFixed(2)),
          };
          scenario.commit('b', T0, filled(trade));
          if (!funding) return;
          const rate = {
            instrument: INSTRUMENTS[index % 2 === 0 ? 0 : 1],
            rate: '0.00013',
            at: `2026-01-02T10:00:${String(index).padStart(2, '0')}Z`,
            source: 't',
          };
          scenario.instant(rate.at, { fundings: [rate] });
        });
        const expiry = '2026-01-09T08:00:00Z';
        scenario.instant(expiry, {
          deliveries: [{ underlying: 'BTC', venue: 'deribit', expiry, price: '91234.56', source: 't' }],
        });
        const entries = scenario.said.flatMap((event) => postingsOf(event, contractsOfBook(opened.payload)));
        for (const entry of entries) {
          for (const currency of new Set(entry.lines.map((line) => line.currency))) {
            const own = entry.lines.filter((line) => line.currency === currency);
            expect(sum(own.map(({ amount }) => Decimal.parse(amount))).toString()).toBe('0');
          }
        }
        const booked = new Map(
          trialBalance(entries).flatMap(({ account, currency, amount }) =>
            account === 'assets/cash' ? [[currency, amount]] : [],
          ),
        );
        const snapshots = scenario.said.filter((event) => event.type === 'RiskSnapshotTaken');
        const last = snapshots[snapshots.length - 1];
        if (last?.type !== 'RiskSnapshotTaken') throw new Error('snapshots were taken');
        for (const { currency, amount } of last.payload.balances)
          expect(booked.get(currency) ?? '0').toBe(amount);
        expect(new Set(entries.map(({ entryId }) => entryId)).size).toBe(entries.length);
      }),
      { seed: 20260105, numRuns: 80, endOnFailure: true },
    );
  });
});

it('the built-in catalogue and a book’s own terms agree where both know a contract', () => {
  const found = specificationOf('BTCUSDT-PERP@binance');
  if (!found.ok) throw new Error(found.failure.message);
  // An InstrumentSpec is plain JSON.
  const text = canonicalJson(found.value);
  const opened = bookOpened({});
  if (opened.type !== 'BookOpened') throw new Error('a book was opened');
  expect(canonicalJson(contractsOfBook(opened.payload)('BTCUSDT-PERP@binance').spec)).toBe(text);
});
