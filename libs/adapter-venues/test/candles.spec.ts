import { parseDeribit } from '@evenkeel/adapter-venue-deribit';
import { parseOkx } from '@evenkeel/adapter-venue-okx';
import type { CandleEvent } from '@evenkeel/venue-wire';

const candle = (parsed: ReturnType<typeof parseDeribit>): CandleEvent | undefined =>
  parsed.ok ? parsed.value.find((event): event is CandleEvent => event.kind === 'candle') : undefined;

/** A trade of one price, as Deribit told of it. */
function deribit(symbol: string, volume: number, cost: number, price: number): CandleEvent | undefined {
  const data = { volume, tick: 1654079340000, open: price, low: price, high: price, cost, close: price };
  const params = { channel: `chart.trades.${symbol}.1`, data };
  return candle(parseDeribit(JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params })));
}

describe('the volume of a candle', () => {
  it('is in the unit of all other amounts of the contract at Deribit: dollars of inverse ones, coins of the rest', () => {
    expect(deribit('BTC-PERPETUAL', 0.02120555, 670, 31595.5)).toMatchObject({
      volume: '670',
      quoteVolume: '670',
    });
    expect(deribit('BTC-31MAR23', 0.00172302, 40, 23215)).toMatchObject({ volume: '40', quoteVolume: '40' });
    expect(deribit('BTC-25MAR23-26500-P', 0.1, 0.0003, 0.003)).toMatchObject({
      volume: '0.1',
      quoteVolume: '0.0003',
    });
    expect(deribit('BTC_USDC-PERPETUAL', 0.5, 15_000, 30_000)).toMatchObject({
      volume: '0.5',
      quoteVolume: '15000',
    });
  });

  it('and its quote volume are told apart at OKX, which has the coins of a contract between them', () => {
    const row = ['1654079340000', '31595', '31600', '31590', '31595', '100', '1', '31595', '1'];
    const of = (channel: string, instId: string, data: readonly string[]): CandleEvent | undefined =>
      candle(parseOkx(JSON.stringify({ arg: { channel, instId }, data: [data] })));
    expect(of('candle1m', 'BTC-USDT-SWAP', row)).toMatchObject({ volume: '100', quoteVolume: '31595' });
    expect(of('candle1m', 'BTC-USDT', [...row.slice(0, 5), '1', '31595', '31595', '1'])).toMatchObject({
      volume: '1',
      quoteVolume: '31595',
    });
    // Before August 2022 a row had six numbers and what of them is in the quote is not said.
    expect(of('candle1m', 'BTC-USDT-SWAP', row.slice(0, 7))).not.toHaveProperty('quoteVolume');
  });
});
