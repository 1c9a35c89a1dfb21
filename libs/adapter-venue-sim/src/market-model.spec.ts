import type { VenueOrder } from '@evenkeel/execution';
import type { Mark, OrderReport } from '@evenkeel/facts';
import { Decimal, NANOS_PER_SECOND, createRandom, formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { PERP, START, markOf, specOf } from '../test/order-flow';
import { drawnLatency, readMarketModel } from './market-model';
import type { MarketModel } from './market-model';
import type { VenueRecord } from './records';
import { createSimulatedVenue } from './simulated-venue';
import type { SimulatedVenue } from './simulated-venue';

const SECOND = NANOS_PER_SECOND;
const MINUTE = 60n * SECOND;
const DEPTH = { '*': { first: '1', growth: 0.5, levels: 3, stepTicks: 10 } };

const ACCOUNT = { book: 'b', venue: 'binance' };

class Exchange {
  readonly records: VenueRecord[] = [];
  readonly venue: SimulatedVenue;
  private count = 0;

  constructor(market: MarketModel, records: readonly VenueRecord[] = []) {
    this.records.push(...records);
    let folded = 0;
    this.venue = createSimulatedVenue(
      { seed: 's', specifications: [specOf(PERP)], market },
      {
        append: (record) => this.records.push(record),
        news: () => this.records.slice(folded, (folded = this.records.length)),
      },
    );
    this.show(START);
  }

  show(at: Instant, extra: Partial<Mark> = {}): void {
    const mark = markOf('90000', at, { bid: '89999', ask: '90001', ...extra });
    const rest = { fundings: [], deliveries: [], wakes: [] };
    this.venue.onMarks({ number: 1, eventTime: formatInstant(at), marks: [mark], ...rest });
  }

  send(order: Partial<VenueOrder>, at: Instant): string {
    this.count += 1;
    const clientOrderId = `o${this.count}`;
    const whole = { book: 'b', venue: 'binance', instrument: PERP, side: 'buy', quantity: '1' } as const;
    const terms = { orderType: 'limit', timeInForce: 'IOC', limitPrice: '90450' };
    this.venue.submit({ ...whole, ...terms, clientOrderId, ...order }, at);
    return clientOrderId;
  }

  /** What the exchange says of an order, in the order of time. */
  said(clientOrderId: string): OrderReport[] {
    return this.venue
      .collect(START + 600n * MINUTE)
      .flatMap(({ report }) =>
        report.kind !== 'account' && report.clientOrderId === clientOrderId ? [report] : [],
      );
  }

  fills(clientOrderId: string): string[] {
    return this.said(clientOrderId).flatMap((report) =>
      report.kind === 'filled' ? [`${report.quantity}@${report.price} ${report.liquidity}`] : [],
    );
  }
}

const rest = (limitPrice: string, over: Partial<VenueOrder> = {}): Partial<VenueOrder> => ({
  timeInForce: 'POST_ONLY',
  limitPrice,
  ...over,
});

describe('a market behind the marks', () => {
  it('fills a taker level by level, best price first, and ends what its limit does not reach', () => {
    const exchange = new Exchange({ depth: DEPTH });
    expect(exchange.fills(exchange.send({ quantity: '3' }, START))).toEqual([
      '1@90001 taker',
      '1.5@90002 taker',
      '0.5@90003 taker',
    ]);
    const second = new Exchange({ depth: DEPTH });
    const limited = second.send({ quantity: '3', limitPrice: '90002', side: 'buy' }, START);
    expect(second.fills(limited)).toEqual(['1@90001 taker', '1.5@90002 taker']);
    expect(second.said(limited).at(-1)).toMatchObject({ kind: 'cancelled', reason: 'IOC_REMAINDER' });
  });

  it('misses what we took, which comes back with time', () => {
    const exchange = new Exchange({ depth: DEPTH, recovery: 'PT1M' });
    exchange.send({ quantity: '2' }, START);
    expect(exchange.fills(exchange.send({ quantity: '0.5' }, START))).toEqual(['0.5@90002 taker']);
    // Half a minute later half of the 2.5 contracts taken are back: 1.25 are missing.
    expect(exchange.fills(exchange.send({ quantity: '0.5' }, START + 30n * SECOND))).toEqual([
      '0.5@90002 taker',
    ]);
    expect(exchange.fills(exchange.send({ quantity: '0.5' }, START + 10n * MINUTE))).toEqual([
      '0.5@90001 taker',
    ]);
    // The other side of the book is whole.
    const sold = exchange.send({ side: 'sell', limitPrice: '89000', quantity: '1' }, START);
    expect(exchange.fills(sold)).toEqual(['1@89999 taker']);
  });

  it('lets a resting order wait behind what stands at its price', () => {
    const exchange = new Exchange({ depth: DEPTH, queueShare: 0.5 });
    const joined = exchange.send(rest('89999', { quantity: '2' }), START);
    const better = exchange.send(rest('90000', { quantity: '0.2' }), START);
    exchange.show(START + MINUTE, { volume: '1' });
    expect(exchange.fills(joined)).toEqual([]);
    expect(exchange.fills(better)).toEqual(['0.2@90000 maker']);
    exchange.show(START + 2n * MINUTE, { volume: '3' });
    // 0.5 + 1.5 traded at the price, of which 1 stood before us.
    expect(exchange.fills(joined)).toEqual(['1@89999 maker']);
    exchange.show(START + 2n * MINUTE, { volume: '3' });
    expect(exchange.fills(joined)).toEqual(['1@89999 maker']);
    exchange.show(START + 3n * MINUTE, { bid: '89990', ask: '89995' });
    expect(exchange.fills(joined)).toEqual(['1@89999 maker', '1@89999 maker']);
  });

  it('does not fill a resting order that the market has left behind, whatever trades', () => {
    const exchange = new Exchange({ depth: DEPTH });
    const low = exchange.send(rest('89000'), START);
    exchange.show(START + MINUTE, { volume: '1000' });
    expect(exchange.fills(low)).toEqual([]);
  });

  it('is the same exchange when it is restored and shown the market again', () => {
    const play = (exchange: Exchange): void => {
      exchange.show(START + MINUTE, { volume: '3' });
      exchange.show(START + 2n * MINUTE, { volume: '1' });
    };
    const first = new Exchange({ depth: DEPTH });
    const id = first.send(rest('89999', { quantity: '2' }), START);
    play(first);
    const again = new Exchange({ depth: DEPTH }, first.records);
    const before = again.records.length;
    play(again);
    expect(again.records).toHaveLength(before);
    expect(again.fills(id)).toEqual(first.fills(id));
  });

  it('turns an order away that would trade with an own resting one, of the same book only', () => {
    const exchange = new Exchange({ depth: DEPTH });
    exchange.send(rest('89999'), START);
    const crossing = { side: 'sell', limitPrice: '89000' } as const;
    expect(exchange.said(exchange.send(crossing, START))).toMatchObject([
      { kind: 'rejected', reason: 'SELF_TRADE' },
    ]);
    expect(exchange.fills(exchange.send({ ...crossing, book: 'other' }, START))).toHaveLength(1);
    const lax = new Exchange({ depth: DEPTH, selfTradePrevention: false });
    lax.send(rest('89999'), START);
    expect(lax.fills(lax.send(crossing, START))).toHaveLength(1);
  });

  it('says that it is away, or says nothing, during an outage', () => {
    const window = { from: formatInstant(START + MINUTE), to: formatInstant(START + 2n * MINUTE) };
    const loud = new Exchange({ outages: [{ ...window, kind: 'rejects' }] });
    expect(loud.fills(loud.send({}, START))).toHaveLength(1);
    expect(loud.said(loud.send({}, START + MINUTE))).toMatchObject([
      { kind: 'rejected', reason: 'VENUE_UNAVAILABLE' },
    ]);
    expect(loud.fills(loud.send({}, START + 2n * MINUTE))).toHaveLength(1);
    const mute = new Exchange({ depth: DEPTH, outages: [{ ...window, kind: 'silence' }] });
    const resting = mute.send(rest('89999'), START);
    const lost = mute.send({}, START + MINUTE);
    mute.venue.cancel(resting, START + MINUTE, ACCOUNT);
    mute.venue.query(lost, START + MINUTE, ACCOUNT);
    mute.show(START + 90n * SECOND, { bid: '80000', ask: '80001' });
    expect([mute.said(lost), mute.fills(resting)]).toEqual([[], []]);
    mute.venue.query(lost, START + 2n * MINUTE, ACCOUNT);
    expect(mute.said(lost)).toMatchObject([{ kind: 'not-found' }]);
  });

  it('draws log-normal delays with the median and the 99th percentile asked for', () => {
    const rules = readMarketModel({ latency: { median: '40ms', p99: '400ms' } }).latency;
    if (rules === undefined) throw new Error('a latency');
    const random = createRandom('delays');
    const draws = Array.from({ length: 20_000 }, () => Number(drawnLatency(rules, random.next())) / 1e6);
    draws.sort((a, b) => a - b);
    expect(Math.abs((draws[10_000] ?? 0) / 40 - 1)).toBeLessThan(0.03);
    expect(Math.abs((draws[19_800] ?? 0) / 400 - 1)).toBeLessThan(0.1);
    const exchange = new Exchange({ latency: { median: '40ms', p99: '400ms' } });
    exchange.send({}, START);
    expect(exchange.venue.due()).not.toBe(START + 250_000_000n);
  });

  it('holds as many contracts as it was given', () => {
    const exchange = new Exchange({ depth: DEPTH });
    const sum = exchange
      .fills(exchange.send({ quantity: '50' }, START))
      .reduce((total, text) => total.plus(Decimal.parse(text.split('@')[0] ?? '0')), Decimal.ZERO);
    expect(sum.toString()).toBe('4.5');
  });
});
