import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCommit } from '@evenkeel/contracts';
import { formatExpiryDate } from '@evenkeel/instruments';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import { parseBookFile, rawPrice, tapeOf } from '@evenkeel/market';
import { runInProcess } from './in-process-run';

const LEGS = 10_000;
const START = parseInstant('2026-01-05T00:00:00Z');
const MINUTE = 60_000_000_000n;
const EXPIRIES = [4n, 11n, 25n, 81n].map((days) => START + days * 1440n * MINUTE + 480n * MINUTE);
const SPOTS = ['BTCUSDT@binance', 'BTC-USDT@okx'];
const PERP = 'BTCUSDT-PERP@binance';
const AT = [1n, 2n].map((step) => START + step * MINUTE);
const nameOf = (instrument: string): string => `test:${instrument}`;

const options = Array.from({ length: LEGS }, (_, index) => {
  const expiry = EXPIRIES[index % EXPIRIES.length] ?? START;
  return `BTC-${formatExpiryDate(expiry)}-${40_000 + 20 * Math.floor(index / 8)}-${index % 8 < 4 ? 'C' : 'P'}@deribit`;
});

function market(): ReturnType<typeof tapeOf> {
  const instants = AT.map((at, step) => {
    const eventTime = formatInstant(at);
    const price = (instrument: string) =>
      rawPrice({
        source: nameOf(instrument),
        instrument,
        price: String(90_000 + 400 * step),
        traded: true,
        at,
        eventTime,
      });
    const quotes = options.map((instrument, index) => ({
      instrument,
      kind: 'option' as const,
      price: ((index % 900) / 10_000 + 0.0005).toFixed(4),
      bid: ((index % 900) / 10_000 + 0.0001).toFixed(4),
      ask: ((index % 900) / 10_000 + 0.0009).toFixed(4),
      volatility: (4_000 + ((index * 7) % 3_000)) / 10_000,
      forward: (90_050 + (index % 4) * 111.25).toFixed(2),
      index: '90000',
      eventTime,
      receivedTime: eventTime,
      source: nameOf('BTC@deribit'),
      status: 'OK' as const,
      reasons: [],
    }));
    return { at, eventTime, prices: [PERP, ...SPOTS].map(price), quotes, fundings: [], deliveries: [] };
  });
  const sources = [
    ...[PERP, ...SPOTS].map((instrument) => ({
      source: nameOf(instrument),
      kind: 'price' as const,
      instrument,
      underlying: 'BTC',
      interval: MINUTE,
    })),
    { source: nameOf('BTC@deribit'), kind: 'option' as const, instrument: 'BTC@deribit', underlying: 'BTC' },
  ];
  return tapeOf({ name: 'largest', from: START, to: START + 3n * MINUTE, sources, instants });
}

const book = parseBookFile(
  {
    book: 'largest',
    numeraire: 'USD',
    positions: options.map((instrument, index) => ({
      instrument,
      quantity: String((index % 9) - 4 || 5),
      price: '0.02',
      at: formatInstant(AT[0] ?? START),
    })),
    hedge: { instruments: [PERP], policy: { kind: 'delta-band', band: '1' }, target: { delta: '0' } },
    limits: { maxOrderQuantity: { [PERP]: '100000' }, maxGrossNotionalUsd: '90000000000' },
  },
  'book.json',
);

it('the largest book that a file can hold fits the messages of the journal, with room to spare', () => {
  const text = readFileSync(join(__dirname, '..', '..', '..', 'infra', 'nats', 'streams.json'), 'utf8');
  const { server } = JSON.parse(text) as { server: { maxPayloadBytes: number } }; // our own file
  const commits = runInProcess({ tape: market(), books: [{ file: book, source: 'book.json' }] }).journal.all;
  const largest = (type: string): number =>
    Math.max(
      ...commits
        .filter(({ commit }) => commit.events.some(({ event }) => event.type === type))
        .map(({ bytes }) => bytes.length),
    );
  expect(largest('BookOpened')).toBeLessThan(0.6 * server.maxPayloadBytes);
  expect(largest('RiskSnapshotTaken')).toBeLessThan(20 * LEGS);
  for (const { commit, bytes } of commits.filter(({ bytes }) => bytes.length > 50_000))
    expect(decodeCommit(bytes).events[0]?.event).toEqual(commit.events[0]?.event);
  const legs = commits.flatMap(({ commit }) =>
    commit.events.flatMap(({ event }) =>
      event.type === 'RiskSnapshotTaken' ? event.payload.legs.length : [],
    ),
  );
  expect(Math.max(...legs)).toBeGreaterThanOrEqual(LEGS);
});
