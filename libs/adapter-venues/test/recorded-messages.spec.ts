import { itWithSharedData } from '@evenkeel/testkit';

import { parseFeed } from './parse-feed';
import type { Feed, VenueEvent } from '@evenkeel/venue-wire';
import { Tally } from './message-tally';
import { recordedLines } from './recorded-files';
import { compareChecks, readRustExpectations } from './rust-expectations';
import { compareExpected, Consumer, readTardisExpectations } from './tardis-expectations';

const FILES: readonly (readonly [string, Feed])[] = [
  ['deribit', { venue: 'deribit', market: 'mixed' }],
  ['binance', { venue: 'binance', market: 'spot' }],
  ['binance-futures', { venue: 'binance', market: 'linear' }],
  ['binance-delivery', { venue: 'binance', market: 'inverse' }],
  ['bybit', { venue: 'bybit', market: 'linear' }],
  ['okex-swap', { venue: 'okx', market: 'mixed' }],
  ['okex-options', { venue: 'okx', market: 'option' }],
  ['hyperliquid', { venue: 'hyperliquid', market: 'linear' }],
];

interface RecordedLine {
  readonly test: string;
  readonly local_timestamp: string;
  readonly message: unknown;
}

const maybe = itWithSharedData('data/wire/tardis');

describe('recorded messages with expected normalised output', () => {
  const expectations = maybe === it ? readTardisExpectations() : new Map();
  const tally = new Tally('tardis');

  afterAll(() => tally.print());

  for (const [name, feed] of FILES) {
    maybe(`${name}: every message parses to the values expected of it`, () => {
      const positions = new Map<string, number>();
      let consumer = new Consumer();
      let lastEra = '';
      for (const line of recordedLines(`tardis/${name}.jsonl`)) {
        const { test, message, local_timestamp: era } = JSON.parse(line) as RecordedLine; // the recorded file's own frame
        const raw = rawMessage(line, message);
        const parsed = parseFeed(feed, raw);
        const events: readonly VenueEvent[] = parsed.ok ? parsed.value : [];
        tally.count(feed, parsed);
        // The expectations start afresh with every test and every era of an API.
        if (!positions.has(test) || era !== lastEra) consumer = new Consumer();
        lastEra = era;
        // The first expectation of this group is not of a message.
        const position = positions.get(test) ?? (test.includes('index migration') ? 1 : 0);
        positions.set(test, position + 1);
        consumer.take(events);
        for (const expected of expectations.get(test)?.[position] ?? []) {
          if (expected.type === undefined) continue;
          try {
            tally.compared(compareExpected(expected, events, consumer));
          } catch (error) {
            throw new Error(
              `${name} ${test} ${position + 1}: ${raw}\n${String(error)}\n${debug({ expected, events, parsed })}`,
            );
          }
        }
      }
    });
  }
});

interface RecordedCase {
  readonly kind: string;
  readonly case: string;
  readonly raw: string;
}

const MARKETS: readonly (readonly [string, Feed['market']])[] = [
  ['option', 'option'],
  ['inverse', 'inverse'],
  ['linear', 'linear'],
  ['spot', 'spot'],
];

/** Messages that name no instrument of their own, and whose test does not either. */
const NAMED_FAILURES: Readonly<Record<string, string>> = {
  'binance ticker/option': 'VENUES.MESSAGE_UNSUPPORTED',
};

describe('recorded messages with values asserted by another parser', () => {
  const tally = new Tally('crypto-msg-parser');
  afterAll(() => tally.print());

  for (const venue of ['deribit', 'binance', 'bybit', 'okx'] as const) {
    maybe(`${venue}: every message parses to the asserted values or to a named failure`, () => {
      const checks = readRustExpectations(venue);
      const positions = new Map<string, number>();
      for (const line of recordedLines(`crypto-msg-parser/${venue}.jsonl`)) {
        const recorded = JSON.parse(line) as RecordedCase; // the recorded file's own frame
        const name = `${recorded.kind}/${recorded.case}`;
        const position = positions.get(name) ?? 0;
        positions.set(name, position + 1);
        const market = MARKETS.find(([prefix]) => recorded.case.startsWith(prefix))?.[1] ?? 'mixed';
        const feed: Feed = { venue, market };
        const parsed = parseFeed(feed, recorded.raw, 'ASKED-FOR');
        tally.count(feed, parsed);
        const known = NAMED_FAILURES[`${venue} ${name}`];
        expect({ name, code: parsed.ok ? undefined : parsed.failure.code }).toEqual({ name, code: known });
        const values = checks.get(`${name}/${position}`) ?? [];
        try {
          if (parsed.ok) tally.compared(compareChecks(values, parsed.value));
        } catch (error) {
          throw new Error(
            `${venue} ${name} ${position}: ${recorded.raw}\n${String(error)}\n${debug({ values, parsed })}`,
          );
        }
      }
    });
  }
});

/** The exact bytes of the message inside the recorded line, so that no number passes through a double. */
function rawMessage(line: string, message: unknown): string {
  const at = line.indexOf('"message":') + '"message":'.length;
  const raw = line.slice(at, line.lastIndexOf('}'));
  expect(JSON.parse(raw)).toEqual(message);
  return raw;
}

function debug(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item), 1);
}
