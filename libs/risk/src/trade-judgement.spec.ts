import type { EventPayloads } from '@evenkeel/facts';
import {
  bookOpened,
  createScenario,
  eventsOf,
  optionMark,
  priceMark,
  specificationText,
  spotMark,
} from '../test/scenario';
import { createRiskCore } from './risk-core';

const NOW = '2026-01-02T09:30:00Z';
const CALL = 'BTC-30JAN26-96000-C@deribit';
const PUT = 'BTC-30JAN26-84000-P@deribit';
const PERP = 'BTCUSDT-PERP@binance';
const NEW_PUT = 'BTC-30JAN26-80000-P@deribit';

type Said = Partial<EventPayloads['TradeBooked']>;
const booked = (said: Said = {}): EventPayloads['TradeBooked'] => ({
  requestId: 'r-1',
  book: 'b',
  at: '2026-07-01T10:00:00Z',
  bookedBy: 'ann',
  reason: 'voice',
  tradeId: 't-1',
  instrument: PUT,
  quantity: '10',
  price: '0.02',
  tradedAt: NOW,
  specification: specificationText(said.instrument ?? PUT),
  evidence: '',
  tradeRules: 1,
  ...said,
});

function desk() {
  const scenario = createScenario(createRiskCore(), 'book');
  const planned = [{ instrument: CALL, quantity: '-1', price: '0.022', at: NOW }];
  scenario.own('b', '2026-01-01T00:00:00Z', bookOpened({ planned, others: [PUT] }));
  scenario.instant(NOW, {
    marks: [
      { ...optionMark(CALL, 0.45, 89100, NOW), price: '0.022' },
      { ...optionMark(PUT, 0.45, 89100, NOW), price: '0.02' },
      priceMark(PERP, 89020, NOW),
      spotMark('BTC', 89000, NOW),
    ],
  });
  return scenario;
}

function reasonsOf(said: Said): readonly string[] {
  const payload = booked(said);
  const answer = desk().commit('b', NOW, { type: 'TradeBooked', payload });
  const refused = eventsOf(answer, 'RequestRefused').flatMap(({ reasons }) => reasons);
  expect(eventsOf(answer, 'PositionAdopted')).toHaveLength(refused.length === 0 ? 1 : 0);
  return refused;
}

describe('a trade held against what is known when it is taken in', () => {
  const FAR = 'PRICE_FAR_FROM_MARKET';
  it.each<[string, Said, string]>([
    ['a premium in USD of a put', { price: '1780' }, 'looks like a premium in USD'],
    ['one of a put that the book does not know', { instrument: NEW_PUT, price: '35' }, 'premium in USD'],
    ['one of a call', { instrument: CALL, price: '1960' }, 'looks like a premium in USD'],
    ['ten times the mark', { price: '0.2' }, "0.2 is 10 times the market's 0.02"],
    ['a tenth of the mark', { price: '0.002' }, "0.002 is 0.1 times the market's 0.02"],
    ['a perpetual a fifth off', { instrument: PERP, price: '110000' }, 'more than 20 % off'],
    ['a perpetual in thousands', { instrument: PERP, price: '89' }, 'more than 20 % off'],
  ])('%s is refused, unless it is meant', (_, said, told) => {
    expect(reasonsOf(said)).toEqual([FAR, expect.stringContaining(told)]);
    expect(reasonsOf({ ...said, priceMeant: true })).toEqual([]);
  });

  it.each<[string, Said]>([
    ['at the mark', {}],
    ['at four times the mark', { price: '0.08' }],
    ['of a cheap option, a few ticks off', { price: '0.0185' }],
    ['of a put that nothing prices', { instrument: NEW_PUT, price: '0.01' }],
    ['in a perpetual near the market', { instrument: PERP, price: '91000' }],
    ['of a minute ahead, as clocks differ', { tradedAt: '2026-01-02T09:30:40Z' }],
    ['without a time of its own', { tradedAt: '2026-07-01T10:00:00Z' }],
  ])('one %s enters', (_, said) => {
    expect(reasonsOf(said)).toEqual([]);
  });

  it('of the future is refused', () => {
    expect(reasonsOf({ tradedAt: '2026-01-12T09:30:00Z' })).toEqual([
      'TRADE_IN_THE_FUTURE',
      '2026-01-12T09:30:00Z is after 2026-01-02T09:30:00Z',
    ]);
  });

  it('with a part of a lot is refused', () => {
    expect(reasonsOf({ quantity: '10.55' })).toEqual(['NOT_WHOLE_LOTS', expect.stringContaining('10.55')]);
  });

  it('is corrected by the same rules', () => {
    const scenario = desk();
    scenario.commit('b', NOW, { type: 'TradeBooked', payload: booked() });
    const { requestId, book, at, reason, tradeId } = booked();
    const payload = {
      requestId,
      book,
      at,
      reason,
      tradeId,
      correctedBy: 'ann',
      quantity: '10',
      tradeRules: 1,
    };
    const corrected = (more: { price: string; priceMeant?: boolean; quantity?: string }) =>
      eventsOf(
        scenario.commit('b', NOW, { type: 'TradeCorrected', payload: { ...payload, ...more } }),
        'RequestRefused',
      ).flatMap(({ reasons }) => reasons.slice(0, 1));
    expect(corrected({ price: '1780' })).toEqual([FAR]);
    expect(corrected({ price: '0.02', quantity: '10.55' })).toEqual(['NOT_WHOLE_LOTS']);
    expect(corrected({ price: '0.021' })).toEqual([]);
    expect(corrected({ price: '0.2', priceMeant: true })).toEqual([]);
    expect(corrected({ price: '1780', quantity: '0' })).toEqual([]);
  });

  it('recorded before there were rules is taken as it was said', () => {
    const { tradeRules: _, ...payload } = booked({ price: '1780', quantity: '10.55' });
    const answer = desk().commit('b', NOW, { type: 'TradeBooked', payload });
    expect(eventsOf(answer, 'PositionAdopted')).toHaveLength(1);
  });
});
