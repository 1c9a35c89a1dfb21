import { contractOf, specificationOf } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_MINUTE, formatInstant, parseInstant } from '@evenkeel/kernel';
import { createTape, parseBookFile, parseTapeManifest } from '@evenkeel/market';
import { runInProcess } from './in-process-run';

const FROM = parseInstant('2026-01-02T00:00:00Z');
const CALL = 'BTC-3JAN26-90000-C';
const SPOT = 'BTCUSDT@binance';

/** Five-minute bars of a market that drifts up and back, from half an hour before the tape. */
function bars(): string {
  const rows = ['date,open,high,low,close,volume'];
  for (let minute = -30; minute < 180; minute += 5) {
    const at = formatInstant(FROM + BigInt(minute) * NANOS_PER_MINUTE);
    const price = 90_000 + 10 * (90 - Math.abs(minute - 90));
    rows.push(`${at},${price},${price + 20},${price - 20},${price},12.5`);
  }
  return rows.join('\n');
}

const CHAIN = [
  'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency',
  `2026-01-02T00:00:00Z,${CALL},90000.00,0.0115,0.0125,0.01205557,0.5,90000.00,BTC`,
  `2026-01-02T01:00:00Z,${CALL},90600.00,0.0150,0.0160,0.01549,0.5,90600.00,BTC`,
  `2026-01-02T02:00:00Z,${CALL},90600.00,0.0145,0.0155,0.01527,0.5,90600.00,BTC`,
].join('\n');

interface Hedged {
  readonly contract: Contract;
  readonly quantities: readonly Decimal[];
  /** What the fills stand for in BTC. */
  readonly btc: number;
}

/** Ten calls sold, hedged with one contract; the case of a desk that was hedged with the wrong size. */
function hedgedWith(instrument: string): Hedged {
  const found = specificationOf(instrument);
  if (!found.ok) throw new Error(found.failure.message);
  const contract = contractOf(found.value);
  const sources = [
    { file: 'chain.csv', format: 'deribit-chain', currency: 'BTC', venue: 'deribit' },
    { file: 'bars.csv', format: 'ohlcv', instrument, interval: '5m' },
    ...(instrument === SPOT ? [] : [{ file: 'spot.csv', format: 'ohlcv', instrument: SPOT, interval: '5m' }]),
  ];
  const manifest = { tape: 'mini', from: formatInstant(FROM), to: '2026-01-02T03:00:00Z', sources };
  const texts = { 'chain.csv': CHAIN, 'bars.csv': bars(), 'spot.csv': bars() };
  const book = {
    book: 'mini',
    numeraire: 'USD',
    positions: [
      { instrument: `${CALL}@deribit`, quantity: '-10', price: '0.011', at: '2026-01-02T00:10:00Z' },
    ],
    hedge: {
      instruments: [instrument],
      policy: { kind: 'delta-band', band: '0.05', mode: 'centre' },
      target: { delta: '0' },
    },
  };
  const { journal } = runInProcess({
    tape: createTape(parseTapeManifest(manifest, 'tape.json'), new Map(Object.entries(texts))),
    books: [{ file: parseBookFile(book, 'book.json'), source: 'book.json' }],
  });
  const fills = journal.all
    .flatMap(({ commit }) => commit.events)
    .flatMap(({ event }) => (event.type === 'FillApplied' ? [event.payload] : []));
  const quantities = fills.map(({ quantity }) => Decimal.parse(quantity));
  const btc = fills.reduce((sum, { quantity, price }) => {
    const amount = Number(quantity) * contract.sizeNumber;
    return sum + (contract.payoff === 'inverse' ? amount / Number(price) : amount);
  }, 0);
  return { contract, quantities, btc };
}

describe('a book hedged with one contract or another', () => {
  const reference = hedgedWith('BTCUSDT-PERP@binance');

  it('holds about half a coin for each call that it sold', () => {
    expect(reference.btc).toBeGreaterThan(4);
    expect(reference.btc).toBeLessThan(7);
  });

  it.each([
    // USD 10 a contract; 0.0001 BTC; 0.001 BTC.
    'BTC-PERPETUAL@deribit',
    'BTC_USDC-PERPETUAL@deribit',
    'BTC_USDT-PERPETUAL@deribit',
    // USD 100 a contract, a perpetual and a future.
    'BTCUSD-PERP@binance',
    'BTCUSD-261225@binance',
    'BTCUSDT-260327@binance',
    'BTCUSDT@binance',
    // USD 1 a contract, and a coin.
    'BTCUSD-PERP@bybit',
    'BTCUSDT-PERP@bybit',
    // 0.01 BTC; USD 100; 0.01 BTC paid in dollars.
    'BTC-USDT-SWAP@okx',
    'BTC-USD-SWAP@okx',
    'BTC-USD_UM-261030@okx',
    'BTC-PERP@hyperliquid',
  ])('holds the same in %s, in its own lots', (instrument) => {
    const { contract, quantities, btc } = hedgedWith(instrument);
    // The gains of coin-settled hedges are coin of their own: a little delta besides.
    expect(Math.abs(btc / reference.btc - 1)).toBeLessThan(0.03);
    for (const quantity of quantities) expect(quantity.isMultipleOf(contract.lot)).toBe(true);
  });
});
