import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { parseInstrument } from '@evenkeel/instruments';
import {
  Decimal,
  NANOS_PER_MINUTE,
  formatInstant,
  parseInstant,
  required,
  yearsBetween,
} from '@evenkeel/kernel';
import { createTape, parseBookFile, parseInstrumentsFile, parseTapeManifest } from '@evenkeel/market';
import { impliedVolatility } from '@evenkeel/pricing';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { runInProcess } from './in-process-run';

const QUOTES = 'data/spxw-2021-01/quotes_1m.csv.gz';
const EXPIRY = '20210106';
const FUTURE = 'MESH21@cme';
const STRIKES = ['3700', '3800'];
/** The S&P 500 closed at 3,748.14 on 6 January 2021. */
const CLOSE = '3748.14';
const idOf = (strike: string, side: 'C' | 'P'): string => `SPXW210106${side}0${strike}000`;

interface Quote {
  readonly bid: number;
  readonly ask: number;
}

/** By minute, the quotes of the contracts that end on the sixth: `3700 call`. */
function recorded(): Map<string, Map<string, Quote>> {
  const bytes = readFileSync(join(sharedDir() ?? '', QUOTES));
  const minutes = new Map<string, Map<string, Quote>>();
  for (const line of gunzipSync(bytes).toString('utf8').trim().split('\n').slice(1)) {
    const cells = line.split(',');
    const [at = '', type = '', strike = '', expiry = ''] = cells;
    if (expiry !== EXPIRY) continue;
    const quotes = minutes.get(at) ?? new Map<string, Quote>();
    quotes.set(`${Number(strike)} ${type}`, { bid: Number(cells[7]), ask: Number(cells[12]) });
    minutes.set(at, quotes);
  }
  return minutes;
}

const mid = ({ bid, ask }: Quote): number => (bid + ask) / 2;

/** K + C − P, of the strike that lies nearer. */
function forwardOf(quotes: ReadonlyMap<string, Quote>): number | undefined {
  const parities = STRIKES.flatMap((strike) => {
    const call = quotes.get(`${strike} call`);
    const put = quotes.get(`${strike} put`);
    if (call === undefined || put === undefined) return [];
    return [{ forward: Number(strike) + mid(call) - mid(put), away: Math.abs(mid(call) - mid(put)) }];
  });
  return parities.sort((a, b) => a.away - b.away)[0]?.forward;
}

function texts(): Map<string, string> {
  const bars = ['date,open,high,low,close,volume'];
  const chain = [
    'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency',
  ];
  for (const [at, quotes] of recorded()) {
    const forward = forwardOf(quotes);
    if (forward === undefined) continue;
    const price = forward.toFixed(2);
    // A bar is dated by its opening and known at its close: this price, a minute after.
    bars.push(`${formatInstant(parseInstant(at) - NANOS_PER_MINUTE)},${price},${price},${price},${price},1`);
    if (at.slice(14, 16) !== '00' && at.slice(14, 16) !== '30') continue;
    for (const strike of STRIKES)
      for (const side of ['C', 'P'] as const) {
        const quote = quotes.get(`${strike} ${side === 'C' ? 'call' : 'put'}`);
        if (quote === undefined) continue;
        const cells = [idOf(strike, side), price, quote.bid, quote.ask, mid(quote).toFixed(3)];
        chain.push([at, ...cells, volatilityOf(at, strike, side, mid(quote), forward), price, 'SPX'].join());
      }
  }
  const ended = `SPX,2021-01-06T21:00:00Z,${CLOSE}`;
  return new Map([
    ['bars.csv', bars.join('\n')],
    ['chain.csv', chain.join('\n')],
    ['delivery.csv', ['currency,expiry,delivery_price', ended].join('\n')],
  ]);
}

function volatilityOf(at: string, strike: string, side: 'C' | 'P', price: number, forward: number): string {
  const parsed = parseInstrument(`${idOf(strike, side)}@cboe`);
  const expiry = parsed.ok ? required(parsed.value.expiry, 'an option ends') : 0n;
  const intrinsic = Math.max(0, side === 'C' ? forward - Number(strike) : Number(strike) - forward);
  if (price <= intrinsic) return '';
  const T = yearsBetween(parseInstant(at), expiry);
  const type = side === 'C' ? 'call' : 'put';
  return impliedVolatility('black76', { type, F: forward, K: Number(strike), T, r: 0, price }).toFixed(6);
}

const payloads = <T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'][] =>
  events.flatMap((event) => (event.type === type ? [event.payload as EventOf<T>['payload']] : [])); // its type was just seen

/** Of the changes from one value to the next. */
function deviationOf(values: readonly number[]): number {
  const changes = values.slice(1).map((value, index) => value - (values[index] ?? value));
  return Math.sqrt(changes.reduce((sum, change) => sum + change * change, 0) / changes.length);
}

describe('a book of index options', () => {
  itWithSharedData(QUOTES)(
    'is hedged over its last days, and settled in cash at the close of New York',
    () => {
      const manifest = {
        tape: 'spxw',
        from: '2021-01-04T14:30:00Z',
        to: '2021-01-06T22:00:00Z',
        sources: [
          { file: 'chain.csv', format: 'deribit-chain', currency: 'SPX', venue: 'cboe' },
          { file: 'bars.csv', format: 'ohlcv', instrument: FUTURE, interval: '1m' },
          { file: 'delivery.csv', format: 'delivery', venue: 'cboe' },
        ],
      };
      const held = [
        [`${idOf('3700', 'C')}@cboe`, '-2', '45'],
        [`${idOf('3700', 'P')}@cboe`, '-2', '20'],
        [`${idOf('3800', 'C')}@cboe`, '3', '4'],
      ].map(([instrument, quantity, price]) => ({ instrument, quantity, price, at: '2021-01-04T16:00:00Z' }));
      const instruments = parseInstrumentsFile(
        {
          instruments: [
            ...held.map(({ instrument }) => ({ instrument, makerFee: '0', takerFee: '0' })),
            { instrument: FUTURE, makerFee: '0.00003', takerFee: '0.00003' },
          ],
        },
        'instruments.json',
      );
      const book = {
        book: 'spx',
        numeraire: 'USD',
        positions: held,
        hedge: {
          instruments: [FUTURE],
          policy: { kind: 'delta-band', band: '10', mode: 'centre' },
          target: { delta: '0' },
        },
      };
      const { journal } = runInProcess({
        tape: createTape(parseTapeManifest(manifest, 'tape.json'), texts()),
        books: [{ file: parseBookFile(book, 'book.json'), source: 'book.json', instruments }],
      });
      const events = journal.all.flatMap(({ commit }) => commit.events.map(({ event }) => event));
      const settled = payloads(events, 'OptionSettled');
      // Two calls in the money by 48.14 points of 100 dollars; the others end worthless.
      expect(settled.map(({ instrument, at, cash }) => [instrument, at, cash.currency, cash.amount])).toEqual(
        [
          [`${idOf('3700', 'C')}@cboe`, '2021-01-06T21:00:00Z', 'USD', '-9628'],
          [`${idOf('3700', 'P')}@cboe`, '2021-01-06T21:00:00Z', 'USD', '0'],
          [`${idOf('3800', 'C')}@cboe`, '2021-01-06T21:00:00Z', 'USD', '0'],
        ],
      );
      const fills = payloads(events, 'FillApplied').filter(({ instrument }) => instrument === FUTURE);
      expect(fills.length).toBeGreaterThan(3);
      expect(fills.every(({ quantity }) => Decimal.parse(quantity).isMultipleOf(Decimal.parse('1')))).toBe(
        true,
      );
      // At the open of a day the quotes of the evening are too old: the snapshot says that nothing is priced.
      const taken = payloads(events, 'RiskSnapshotTaken').filter(({ unpriced }) => unpriced.length === 0);
      const hedged = deviationOf(taken.map(({ pnl }) => Number(pnl.hedged)));
      const unhedged = deviationOf(taken.map(({ pnl }) => Number(pnl.unhedged)));
      process.stdout.write(
        `SPXW: ${fills.length} fills of ${FUTURE}; deviation between snapshots ${hedged.toFixed(0)} hedged, ${unhedged.toFixed(0)} not\n`,
      );
      expect(hedged).toBeLessThan(0.7 * unhedged);
    },
  );
});
