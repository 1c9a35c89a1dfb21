import { parseInstant } from '@evenkeel/kernel';

import type { DecimalText, MarketEvent, QuoteEvent, TickerEvent } from '@evenkeel/venue-wire';
import { LiveMarket } from './live-market';

const NOW = parseInstant('2026-01-23T07:59:59Z');
const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
const PERP = 'BTCUSDT-PERP@binance';
const OPTION = 'BTC-23JAN26-96000-C@deribit';
const decimal = (value: string): DecimalText => value as DecimalText; // canonical literals

function quote(bid: string, ask: string, eventTime: bigint | null = NOW - 5_000_000n): QuoteEvent {
  const size = decimal('1');
  return {
    kind: 'quote',
    venue: 'binance',
    instrument: PERP,
    symbol: 'BTCUSDT',
    eventTime,
    bid: { price: decimal(bid), size },
    ask: { price: decimal(ask), size },
  };
}

function ticker(more: Partial<TickerEvent>, instrument = OPTION): TickerEvent {
  return {
    kind: 'ticker',
    venue: instrument.split('@')[1] ?? '',
    instrument,
    symbol: instrument.split('@')[0] ?? '',
    eventTime: NOW - 1_000_000n,
    ...more,
  };
}

function market(): LiveMarket {
  return new LiveMarket(
    [{ source: 'binance-perp', kind: 'price', instrument: PERP, underlying: 'BTC' }],
    new Set([OPTION]),
  );
}

describe('a live market', () => {
  it('gives the price core what a tape would: the middle, exactly, once', () => {
    const live = market();
    expect(live.silent).toEqual(['binance-perp']);
    live.take(quote('90000.1', '90000.2'), NOW);
    live.take(quote('90000.3', '90000.4'), NOW);
    expect(live.instant(NOW)).toMatchObject({
      eventTime: '2026-01-23T07:59:59Z',
      prices: [
        {
          source: 'binance-perp',
          price: '90000.35',
          bid: '90000.3',
          ask: '90000.4',
          eventTime: '2026-01-23T07:59:58.995Z',
        },
      ],
    });
    expect(live.instant(NOW + 1n).prices).toEqual([]);
    expect(live.silent).toEqual([]);
  });

  it('takes nothing from a crossed or one-sided top, from unknown sources, or from the future', () => {
    const live = market();
    live.take(quote('90001', '90000'), NOW);
    live.take({ ...quote('1', '2'), instrument: 'ETHUSDT-PERP@binance' }, NOW);
    const { ask: _none, ...oneSided } = quote('1', '2');
    live.take(oneSided as MarketEvent, NOW); // a quote whose ask side is empty
    expect(live.instant(NOW).prices).toEqual([]);
    live.take(quote('90000', '90001', NOW + 10_000_000_000n), NOW);
    expect(live.instant(NOW).prices[0]?.eventTime).toBe('2026-01-23T07:59:59Z');
  });

  it('judges an option only when it knows mark, forward and index, merging what came in parts', () => {
    const live = market();
    live.take(ticker({ mark: decimal('0.05'), markIv: decimal('0.63') }), NOW);
    expect(live.instant(NOW).quotes).toEqual([]);
    live.take(ticker({ underlyingPrice: decimal('91000'), index: decimal('90900'), bid: null }), NOW);
    const [mark] = live.instant(NOW).quotes;
    expect(mark).toMatchObject({
      instrument: OPTION,
      price: '0.05',
      volatility: 0.63,
      forward: '91000',
      status: 'OK',
    });
    expect(mark?.bid).toBeUndefined();
  });

  it('pays funding once, at its time, at the last rate announced before it', () => {
    const live = market();
    const due = parseInstant('2026-01-23T08:00:00Z');
    live.take(ticker({ fundingRate: decimal('0.0001'), fundingTime: due }, PERP), NOW);
    live.take(ticker({ fundingRate: decimal('0.0002'), fundingTime: due }, PERP), NOW);
    expect(live.instant(NOW).fundings).toEqual([]);
    // The next period is announced before the instant that pays the last.
    live.take(
      ticker(
        { eventTime: due + 1n, fundingRate: decimal('0.0009'), fundingTime: due + 28_800_000_000_000n },
        PERP,
      ),
      due + 1n,
    );
    expect(live.instant(due + 1n).fundings).toEqual([
      { instrument: PERP, rate: '0.0002', at: '2026-01-23T08:00:00Z', source: 'binance-perp' },
    ]);
    expect(live.instant(due + 2n).fundings).toEqual([]);
    live.take(
      ticker(
        { eventTime: due + 3n, fundingRate: decimal('0.0007'), fundingTime: due + 28_800_000_000_000n },
        PERP,
      ),
      due + 3n,
    );
    expect(live.instant(due + 28_800_000_000_000n).fundings).toMatchObject([{ rate: '0.0007' }]);
  });

  it('forgets a funding time that the venue has moved', () => {
    const live = market();
    const due = parseInstant('2026-01-23T08:00:00Z');
    live.take(ticker({ fundingRate: decimal('0.0001'), fundingTime: due + 28_800_000_000_000n }, PERP), NOW);
    live.take(ticker({ fundingRate: decimal('0.0002'), fundingTime: due + 14_400_000_000_000n }, PERP), NOW);
    expect(live.instant(due + 28_800_000_000_000n).fundings).toMatchObject([{ rate: '0.0002' }]);
  });

  it('pays Hyperliquid at each whole hour, at the last rate announced before it', () => {
    const live = market();
    const perpetual = 'BTC@hyperliquid';
    // Its messages of funding name no time at all.
    live.take(ticker({ eventTime: null, fundingRate: decimal('0.0000125') }, perpetual), NOW - SECOND);
    live.take(ticker({ eventTime: null, fundingRate: decimal('0.000013') }, perpetual), NOW);
    expect(live.instant(NOW).fundings).toEqual([]);
    live.take(ticker({ eventTime: null, fundingRate: decimal('0.00002') }, perpetual), NOW + 2n * SECOND);
    expect(live.instant(NOW + 2n * SECOND).fundings).toEqual([
      { instrument: perpetual, rate: '0.000013', at: '2026-01-23T08:00:00Z', source: 'hyperliquid' },
    ]);
    expect(live.instant(NOW + 2n * HOUR).fundings).toMatchObject([{ rate: '0.00002' }]);
    expect(live.instant(NOW + 4n * HOUR).fundings).toEqual([]);
  });

  it('pays Deribit once an hour what its eight-hour rate has come to in the time that it stood', () => {
    const live = market();
    const perpetual = 'BTC-PERPETUAL@deribit';
    const from = parseInstant('2026-01-23T06:00:00Z');
    const said = (at: bigint, rate: string): void =>
      live.take(ticker({ eventTime: at, fundingRate: decimal(rate) }, perpetual), at);
    said(from, '0.0008');
    said(from + HOUR / 2n, '0.0016');
    // A message of the next hour that comes before the instant that pays the last one.
    said(from + HOUR + SECOND, '-0.0008');
    expect(live.instant(from + HOUR + SECOND).fundings).toEqual([
      { instrument: perpetual, rate: '0.00015', at: '2026-01-23T07:00:00Z', source: 'deribit' },
    ]);
    const [second, third, ...more] = live.instant(from + 3n * HOUR + SECOND).fundings;
    expect(second?.at).toBe('2026-01-23T08:00:00Z');
    expect(Number(second?.rate)).toBeCloseTo((0.0016 / 3600 - 0.0008 * (3599 / 3600)) / 8, 12);
    expect(third).toMatchObject({ rate: '-0.0001', at: '2026-01-23T09:00:00Z' });
    expect(more).toEqual([]);
  });

  it('delivers an expiry once, when its options have closed', () => {
    const live = market();
    live.take(ticker({ state: 'closed', deliveryPrice: decimal('95123.4') }), NOW);
    live.take(ticker({ state: 'closed', deliveryPrice: decimal('95123.4') }), NOW);
    expect(live.instant(NOW).deliveries).toEqual([
      {
        underlying: 'BTC',
        venue: 'deribit',
        expiry: '2026-01-23T08:00:00Z',
        price: '95123.4',
        source: 'deribit',
      },
    ]);
    live.take(ticker({ state: 'closed', deliveryPrice: decimal('95123.4') }), NOW);
    expect(live.instant(NOW).deliveries).toEqual([]);
  });
});
