import { Decimal } from '@evenkeel/kernel';
import { specificationOf } from '../catalogue';
import { contractOf } from '../contract/contract';
import { isOnTick, roundToTick } from '../contract/tick';
import { fiveFigures } from './significant-figures';
import { productKey } from './table';
import { VENUE_TABLES } from './tables';

const D = (text: string): Decimal => Decimal.parse(text);

/** Size of a contract, tick, lot and least quantity; or why there are none. */
function sized(id: string): string {
  const found = specificationOf(id);
  if (!found.ok) return found.failure.code;
  const { contractSize, tickSize, lotSize, minQuantity, quote, settlement, inverse } = found.value;
  const least = minQuantity === lotSize ? '' : ` from ${minQuantity}`;
  return `${contractSize} by ${tickSize} in ${lotSize}${least}, ${quote} ${settlement}${inverse ? ' coin' : ''}`;
}

describe('the terms of a contract', () => {
  it.each([
    // Deribit: paid in coin, in USDC, in USDT; the same letters before the mark.
    ['BTC-PERPETUAL@deribit', '10 by 0.5 in 1, USD BTC coin'],
    ['BTC_USDC-PERPETUAL@deribit', '0.0001 by 0.1 in 1, USDC USDC'],
    ['BTC_USDT-PERPETUAL@deribit', '0.001 by 1 in 1, USDT USDT'],
    ['ETH-PERPETUAL@deribit', '1 by 0.05 in 1, USD ETH coin'],
    ['ETH_USDC-PERPETUAL@deribit', '0.001 by 0.05 in 1, USDC USDC'],
    ['XRP_USDC-PERPETUAL@deribit', '1 by 0.00001 in 1, USDC USDC'],
    ['BTC-27MAR26@deribit', '10 by 2.5 in 1, USD BTC coin'],
    ['BTC-27MAR26-90000-C@deribit', '1 by 0.0001 in 0.1, BTC BTC coin'],
    ['BTC_USDC-27MAR26-90000-C@deribit', '1 by 5 in 0.1, USDC USDC'],
    ['XRP_USDC-27MAR26-1d5-C@deribit', '1000 by 0.001 in 1, USDC USDC'],
    ['SOL_USDC-27MAR26-210-P@deribit', '10 by 0.1 in 1, USDC USDC'],
    ['MATIC_USDC-9MAR24-1d02-C@deribit', '1000 by 0.0005 in 1, USDC USDC'],
    ['AVAX_USDC-29MAY26-8d6-P@deribit', '100 by 0.01 in 1, USDC USDC'],
    // Binance: USD-M in coins, COIN-M in dollars.
    ['BTCUSDT-PERP@binance', '1 by 0.1 in 0.001, USDT USDT'],
    ['BTCUSD-PERP@binance', '100 by 0.1 in 1, USD BTC coin'],
    ['ETHUSD-PERP@binance', '10 by 0.01 in 1, USD ETH coin'],
    ['EGLDUSD-PERP@binance', '10 by 0.001 in 1, USD EGLD coin'],
    ['BTCUSD-261225@binance', '100 by 0.1 in 1, USD BTC coin'],
    ['BTCUSDT-260327@binance', '1 by 0.1 in 0.001, USDT USDT'],
    ['BTCUSDT@binance', '1 by 0.01 in 0.00001, USDT USDT'],
    ['BTC-260327-90000-C@binance', '1 by 5 in 0.01, USDT USDT'],
    ['XRP-260327-1.5-C@binance', '100 by 0.01 in 0.1, USDT USDT'],
    ['DOGE-260327-0.2-P@binance', '1000 by 0.01 in 0.01, USDT USDT'],
    // Bybit: counted in coins, or in dollars where paid in coin.
    ['BTCUSDT-PERP@bybit', '1 by 0.1 in 0.001, USDT USDT'],
    ['BTCUSD-PERP@bybit', '1 by 0.1 in 1, USD BTC coin'],
    ['BTCUSDZ26@bybit', '1 by 0.5 in 1, USD BTC coin'],
    ['BTC-27MAR26-90000-C@bybit', '1 by 5 in 0.01, USDC USDC'],
    ['BTC-27MAR26-90000-C-USDT@bybit', '1 by 5 in 0.01, USDT USDT'],
    ['SOL-27MAR26-210-P-USDT@bybit', '1 by 0.01 in 1, USDT USDT'],
    ['XRP-30OCT26-0.4-P-USDT@bybit', '1 by 0.0001 in 10, USDT USDT'],
    ['BTCUSDT@bybit', '1 by 0.1 in 0.000001 from 0.000048, USDT USDT'],
    // OKX: value times multiplier.
    ['BTC-USDT-SWAP@okx', '0.01 by 0.1 in 0.01, USDT USDT'],
    ['ETH-USDT-SWAP@okx', '0.1 by 0.01 in 0.01, USDT USDT'],
    ['DOGE-USDT-SWAP@okx', '1000 by 0.00001 in 0.1, USDT USDT'],
    ['BTC-USD-SWAP@okx', '100 by 0.1 in 0.1, USD BTC coin'],
    ['BTC-USD-261030@okx', '100 by 0.1 in 0.1, USD BTC coin'],
    ['BTC-USD_UM-261030@okx', '0.01 by 0.1 in 0.01, USD USD'],
    ['BTC-USD-260327-90000-C@okx', '0.01 by 0.0001 in 1, BTC BTC coin'],
    ['ETH-USD-260327-3000-C@okx', '0.1 by 0.0005 in 1, ETH ETH coin'],
    ['BTC-USDT@okx', '1 by 0.1 in 0.00000001 from 0.00001, USDT USDT'],
    // Hyperliquid, and the markets of builders by what they are paid in.
    ['BTC-PERP@hyperliquid', '1 by 0.1 in 0.00001, USDC USDC'],
    ['xyz:TSLA-PERP@hyperliquid', '1 by 0.001 in 0.001, USDC USDC'],
    ['hyna:BTC-PERP@hyperliquid', '1 by 0.1 in 0.00001, USDE USDE'],
    ['km:US500-PERP@hyperliquid', '1 by 0.001 in 0.001, USDH USDH'],
  ])('%s: %s', (id, terms) => expect(sized(id)).toBe(terms));

  it.each([
    'BTC_USDC-27MAR26@deribit', // a future in USDC, not one in coin
    'TRX_USDC-27MAR26-0d3-C@deribit',
    'SOL-PERPETUAL@deribit',
    'BTCUSDC-PERP@binance', // in USDC, not in USDT
    'BTCBUSD-PERP@binance',
    'DOGEUSDT-PERP@binance',
    'BTCFDUSD@binance',
    'ETHUSD-261225@binance',
    'ETHUSDT-PERP@bybit',
    'BTCPERP@bybit',
    'BTC-USDC-SWAP@okx',
    'SOL-USD-SWAP@okx',
    'BTC-USDT-260327@okx',
    'kPEPE-PERP@hyperliquid',
    'xyz:BTC-PERP@hyperliquid', // not that of the venue itself
    'WETH-USDC-500@uniswap-v3-polygon',
  ])('%s is not taken for its neighbour', (id) => expect(sized(id)).toBe('INSTRUMENT.NO_TERMS'));

  it('that are missing are named, with what to write', () => {
    const unknown = specificationOf('DOGEUSDT-PERP@binance');
    expect(unknown.ok ? '' : unknown.failure.message).toBe(
      'no contract terms known for DOGEUSDT-PERP@binance (perpetual on DOGE that is paid in USDT, at binance): ' +
        'contractSize, tickSize, lotSize, minQuantity, makerFee, takerFee, halfSpreadBps missing; give them in an instruments file, ' +
        '{"instruments":[{"contractSize":"…","halfSpreadBps":"…","instrument":"DOGEUSDT-PERP@binance","lotSize":"…","makerFee":"…",' +
        '"minQuantity":"…","takerFee":"…","tickSize":"…"}]}',
    );
    const index = specificationOf('SPXW210106C03700000@cboe');
    expect(index.ok ? '' : index.failure.message).toMatch(/: makerFee, takerFee missing;/);
    const future = specificationOf('ESH21@cme');
    expect(future.ok ? '' : future.failure.message).toMatch(/: makerFee, takerFee missing;/);
  });

  it('are completed by a file where some are known', () => {
    const fees = { makerFee: '0', takerFee: '0.000002' };
    const id = 'SPXW210106C03700000@cboe';
    expect(specificationOf(id, new Map([[id, fees]]))).toMatchObject({
      ok: true,
      value: { contractSize: '100', tickSize: '0.05', lotSize: '1', quote: 'USD', takerFee: '0.000002' },
    });
  });

  it('that a file replaces lose the steps of the tick it replaces', () => {
    const id = 'BTC-27MAR26-90000-C@deribit';
    const flat = specificationOf(id, new Map([[id, { tickSize: '0.0005' }]]));
    expect(flat.ok && flat.value).not.toHaveProperty('tickSteps');
    const fees = specificationOf(id, new Map([[id, { takerFee: '0.0002' }]]));
    expect(fees.ok && fees.value.tickSteps).toEqual([{ above: '0.005', tick: '0.0005' }]);
  });
});

describe('a price of a contract with tick steps', () => {
  const stepped = (id: string): ReturnType<typeof contractOf> => {
    const found = specificationOf(id);
    if (!found.ok) throw new Error(found.failure.message);
    return contractOf(found.value);
  };
  const option = stepped('BTC-27MAR26-90000-C@deribit');

  it.each([
    ['0.0049', true],
    ['0.005', true],
    ['0.0051', false],
    ['0.0055', true],
    ['0.0123', false],
    ['0.0125', true],
  ])('of a Deribit option: %s is valid: %s', (price, valid) =>
    expect(isOnTick(option, D(price))).toBe(valid),
  );

  it('is rounded on the step it lies in', () => {
    expect(roundToTick(option, D('0.0123'), 'floor').toString()).toBe('0.012');
    expect(roundToTick(option, D('0.0123'), 'ceil').toString()).toBe('0.0125');
    expect(roundToTick(option, D('0.00501'), 'floor').toString()).toBe('0.005');
    expect(roundToTick(option, D('0.00501'), 'ceil').toString()).toBe('0.0055');
    expect(roundToTick(option, D('0.00499'), 'ceil').toString()).toBe('0.005');
    expect(roundToTick(option, D('0.00123'), 'floor').toString()).toBe('0.0012');
  });

  it('of Hyperliquid has at most five figures, or is whole', () => {
    const coin = stepped('BTC-PERP@hyperliquid');
    expect(['9999.9', '10001', '105055'].every((price) => isOnTick(coin, D(price)))).toBe(true);
    expect(['9999.95', '10000.5', '105055.5'].some((price) => isOnTick(coin, D(price)))).toBe(false);
    expect(fiveFigures(2)).toEqual({
      tickSize: '0.0001',
      tickSteps: [
        { above: '10', tick: '0.001' },
        { above: '100', tick: '0.01' },
        { above: '1000', tick: '0.1' },
        { above: '10000', tick: '1' },
      ],
      lotSize: '0.01',
    });
    expect(fiveFigures(0).lotSize).toBe('1');
  });
});

describe('each table', () => {
  it.each(VENUE_TABLES.map((table) => [table.venue, table] as const))(
    '%s names a source with a date for each figure, and has no row twice',
    (_venue, table) => {
      const keys = table.products.map(productKey);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { says, date } of Object.values(table.sources)) {
        expect(says.length).toBeGreaterThan(10);
        expect(date).toMatch(/^20\d\d(-\d\d(-\d\d)?)?$/);
      }
      const used = [
        ...table.products.flatMap(({ figures, sources }) =>
          (Object.keys(figures) as (keyof typeof figures)[]).map((name) => sources[name]),
        ),
        ...Object.values(table.fees).map(({ source }) => source),
        ...Object.values(table.endings).map(({ source }) => source),
      ];
      for (const source of used) expect(Object.keys(table.sources)).toContain(source);
      for (const source of Object.keys(table.sources)) expect(used).toContain(source);
    },
  );

  it.each(VENUE_TABLES.map((table) => [table.venue, table] as const))(
    '%s has figures that can be: positive, least quantities in lots, limits of steps on both steps',
    (_venue, table) => {
      for (const { figures } of table.products) {
        const { contractSize = '', tickSize = '', lotSize = '', minQuantity = '', tickSteps = [] } = figures;
        for (const figure of [contractSize, tickSize, lotSize, minQuantity])
          expect(D(figure).isPositive()).toBe(true);
        expect(D(minQuantity).isMultipleOf(D(lotSize))).toBe(true);
        let below = tickSize;
        for (const step of tickSteps) {
          expect(D(step.above).isMultipleOf(D(below))).toBe(true);
          expect(D(step.above).isMultipleOf(D(step.tick))).toBe(true);
          expect(D(step.tick).greaterThan(D(below))).toBe(true);
          below = step.tick;
        }
      }
    },
  );
});
