import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { createRunAttribution, createRunPositions, postingsOf } from '@evenkeel/accounting';
import { viewOf } from '@evenkeel/eventing';
import {
  Decimal,
  NANOS_PER_HOUR,
  NANOS_PER_MINUTE,
  formatInstant,
  parseInstant,
  sum,
  yearsBetween,
} from '@evenkeel/kernel';
import { createTape, parseBookFile, parseTapeManifest, specificationsFor } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import { priceInverse } from '@evenkeel/pricing';
import { runInProcess } from './in-process-run';

const FROM = parseInstant('2026-01-02T00:00:00Z');
const TO = parseInstant('2026-01-03T12:00:00Z');
const PERP = 'BTCUSDT-PERP@binance';

/** Bars of five minutes of a flat market; `scale` multiplies the price from a minute on. */
function bars(scale: (minute: number) => number): string {
  const rows = ['date,open,high,low,close,volume'];
  for (let minute = -60; minute < Number((TO - FROM) / NANOS_PER_MINUTE); minute += 5) {
    const at = formatInstant(FROM + BigInt(minute) * NANOS_PER_MINUTE);
    const price = 90_000 * scale(minute) + (minute % 10);
    rows.push(`${at},${price},${price},${price},${price},12.5`);
  }
  return rows.join('\n');
}

const EXPIRIES = ['2JAN26', '3JAN26'];
const OPTIONS = EXPIRIES.flatMap((expiry) => [`BTC-${expiry}-80000-C`, `BTC-${expiry}-100000-C`]);

function chain(): string {
  const rows = [
    'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency',
  ];
  for (let at = FROM; at < TO; at += NANOS_PER_HOUR)
    for (const name of OPTIONS) {
      const [, day = '', strike = ''] = name.split('-');
      const T = yearsBetween(at, parseInstant(`2026-01-0${day.slice(0, 1)}T08:00:00Z`));
      if (!(T > 0)) continue;
      const numbers = { type: 'call', F: 90_000, K: Number(strike), T, sigma: 0.5 } as const;
      const mark = priceInverse(numbers).valueCoin.toFixed(8);
      rows.push(`${formatInstant(at)},${name},90000,,,${mark},0.5,90000,BTC`);
    }
  return rows.join('\n');
}

function tapeOf(perpetual: string): Tape {
  const manifest = {
    tape: 'settlement',
    from: formatInstant(FROM),
    to: formatInstant(TO),
    sources: [
      { file: 'chain.csv', format: 'deribit-chain', currency: 'BTC', venue: 'deribit' },
      { file: 'perp.csv', format: 'ohlcv', instrument: PERP, interval: '5m' },
      { file: 'spot.csv', format: 'ohlcv', instrument: 'BTCUSDT@binance', interval: '5m' },
      { file: 'fund.csv', format: 'funding', instrument: PERP, interval: '8h' },
      { file: 'delivery.csv', format: 'delivery' },
    ],
  };
  const fundings = ['02T08', '02T16', '03T00', '03T08'].map((at) => `2026-01-${at}:00:00Z,0.0001`);
  const deliveries = ['02', '03'].map((day) => `BTC,2026-01-${day}T08:00:00Z,6,90000`);
  const texts = {
    'chain.csv': chain(),
    'perp.csv': perpetual,
    'spot.csv': bars(() => 1),
    'fund.csv': ['date,funding_rate', ...fundings].join('\n'),
    'delivery.csv': ['currency,expiry,n_bars,delivery_price_proxy', ...deliveries].join('\n'),
  };
  return createTape(parseTapeManifest(manifest, 'tape.json'), new Map(Object.entries(texts)));
}

const held = (instrument: string, quantity: string, price: string) => ({
  instrument,
  quantity,
  price,
  at: '2026-01-02T01:00:00Z',
});

function run(tape: Tape, positions: readonly object[]) {
  const source = 'the book';
  const file = parseBookFile(
    {
      book: 'b',
      numeraire: 'USD',
      positions,
      hedge: {
        instruments: [PERP],
        policy: { kind: 'delta-band', band: '1000', mode: 'centre' },
        target: { delta: '0' },
      },
    },
    source,
  );
  const { journal } = runInProcess({ tape, books: [{ file, source }] });
  const attribution = createRunAttribution();
  const byPosition = createRunPositions();
  const commits = journal.all.map(({ commit }) => viewOf(commit));
  for (const commit of commits) {
    attribution.add(commit);
    byPosition.add(commit);
  }
  const events = commits.flatMap((commit) => commit.events);
  return { events, explained: attribution.report()[0], positions: byPosition.of('b') };
}

const of = <T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'][] =>
  events.flatMap((event) => (event.type === type ? [event.payload as EventOf<T>['payload']] : [])); // its type was just seen

describe('money at settlement', () => {
  // 2 January 2026 is a Friday, so that the first expiry is a weekly one and the second a daily one.
  const { events, explained, positions } = run(
    tapeOf(bars(() => 1)),
    OPTIONS.map((name) => held(`${name}@deribit`, name.endsWith('80000-C') ? '-1' : '2', '0.015')),
  );

  it('pays the venue for delivering a weekly option that is exercised, and nothing else', () => {
    const fees = of(events, 'OptionSettled').map(({ instrument, fee }) => [instrument, fee?.amount]);
    expect(fees).toEqual([
      ['BTC-2JAN26-80000-C@deribit', '-0.00015'],
      ['BTC-2JAN26-100000-C@deribit', undefined],
      ['BTC-3JAN26-80000-C@deribit', undefined],
      ['BTC-3JAN26-100000-C@deribit', undefined],
    ]);
  });

  it('says so in the P&L, by position, in what explains it and in the books, the same everywhere', () => {
    const { pnl } = of(events, 'RiskSnapshotTaken').at(-1) ?? {};
    expect(Number(pnl?.fees)).toBeCloseTo(-0.00015 * 90_000, 1);
    expect(Number(explained?.terms.fees)).toBeCloseTo(-0.00015 * 90_000, 1);
    expect(Math.abs(Number(explained?.terms.residual))).toBeLessThan(0.1);
    const total = sum(positions.positions.map((position) => Decimal.parse(position.pnl)));
    expect(total.plus(Decimal.parse(positions.positionsRounding)).toString()).toBe(pnl?.hedged);
    const booked = events
      .flatMap((event) => postingsOf(event))
      .flatMap(({ lines }) => lines)
      .filter(({ account }) => account === 'expenses/fees');
    expect(booked).toEqual([{ account: 'expenses/fees', currency: 'BTC', amount: '0.00015' }]);
  });
});

describe('funding', () => {
  const short = [held(PERP, '-2', '90000')];

  it('is booked at the last price that was believed while the perpetual is halted', () => {
    // Tenfold from 11:35 on, as a contract whose multiplier has changed.
    const { events } = run(tapeOf(bars((minute) => (minute >= 695 ? 10 : 1))), short);
    const booked = of(events, 'FundingAccrued').map(({ at, cash }) => [at, Math.round(Number(cash.amount))]);
    expect(booked).toEqual([
      ['2026-01-02T08:00:00Z', 18],
      ['2026-01-02T16:00:00Z', 18],
      ['2026-01-03T00:00:00Z', 18],
      ['2026-01-03T08:00:00Z', 18],
    ]);
  });

  it.each<[string, string, (minute: number) => number, number]>([
    ['of a long position, tenfold', '2', (minute) => (minute >= 695 ? 10 : 1), -18],
    ['at a tenth', '-2', (minute) => (minute >= 695 ? 0.1 : 1), 18],
    ['a hundredfold', '-2', (minute) => (minute >= 695 ? 100 : 1), 18],
    ['from just before the funding on', '-2', (minute) => (minute >= 470 ? 10 : 1), 18],
    ['over one funding only', '-2', (minute) => (minute >= 900 && minute < 1000 ? 10 : 1), 18],
    ['by no jump at all', '-2', () => 1, 18],
  ])('is booked at the believed price where the perpetual is off %s', (_, quantity, scale, cash) => {
    const { events } = run(tapeOf(bars(scale)), [held(PERP, quantity, '90000')]);
    const booked = of(events, 'FundingAccrued').map((payment) => Math.round(Number(payment.cash.amount)));
    expect(booked).toEqual([cash, cash, cash, cash]);
  });

  it('waits where no price was ever believed', () => {
    const { events } = run(tapeOf(bars(() => 1.3)), short);
    expect(of(events, 'FundingAccrued')).toEqual([]);
  });

  it('is booked when a price that was never believed is', () => {
    const { events } = run(tapeOf(bars((minute) => (minute < 600 ? 10 : 1))), short);
    const [first] = of(events, 'FundingAccrued');
    expect(first).toMatchObject({ at: '2026-01-02T08:00:00Z' });
    expect(Number(first?.cash.amount)).toBeCloseTo(18, 1);
  });
});

it('a book can say otherwise in its file of instruments', () => {
  const named = [{ instrument: 'BTC-2JAN26-80000-C@deribit', path: '' }];
  const free = new Map([['BTC-2JAN26-80000-C@deribit', { deliveryFee: '0' }]]);
  expect(specificationsFor(named, '')[0]?.deliveryFee).toBe('0.00015');
  expect(specificationsFor(named, '', free)[0]?.deliveryFee).toBe('0');
});
