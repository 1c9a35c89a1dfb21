import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { createPriceIngest } from '../price/price-ingest';
import { checkBookAgainstTape } from '../tape/book-against-tape';
import type { RawInstant } from '../tape/raw-instant';
import { demonstrationMarket } from './demonstration-market';
import type { DemonstrationMarket } from './demonstration-market';

function digest({ tape, book }: DemonstrationMarket): string {
  const written = [...tape.instants()].map(({ at: _at, pegs: _none, prices, ...rest }: RawInstant) => ({
    prices: prices.map(({ at: _known, ...price }) => price),
    ...rest,
  }));
  return toHex(sha256(utf8(canonicalJson({ written, book }))));
}

describe('the demonstration market', () => {
  it('is the same market for the same seed, and another for another', () => {
    expect(digest(demonstrationMarket('a', 2))).toBe(digest(demonstrationMarket('a', 2)));
    expect(digest(demonstrationMarket('a', 2))).not.toBe(digest(demonstrationMarket('b', 2)));
  });

  it('goes on as it began when it is made longer', () => {
    const short = [...demonstrationMarket('a', 2).tape.instants()].slice(0, 100);
    const long = [...demonstrationMarket('a', 3).tape.instants()].slice(0, 100);
    expect(long).toEqual(short);
  });

  it('comes with a book that it prices and settles', () => {
    for (const seed of ['1', '2', '3']) {
      const { tape, book } = demonstrationMarket(seed, 7);
      checkBookAgainstTape(book, 'the demonstration book', tape);
      expect(tape.deliveries).toHaveLength(2);
    }
  });

  it('halts the perpetual in its outage and restores it, on the record', () => {
    const { tape } = demonstrationMarket('1', 7);
    const ingest = createPriceIngest({ sources: tape.sources });
    const facts: Record<string, number> = {};
    let number = 0;
    for (const raw of tape.instants()) {
      number += 1;
      for (const fact of ingest.ingest(raw, number).facts) {
        for (const event of fact.events) facts[event.type] = (facts[event.type] ?? 0) + 1;
      }
    }
    process.stdout.write(`demonstration market: ${number} instants, facts ${JSON.stringify(facts)}\n`);
    expect(facts).toMatchObject({ PriceHalted: 1, PriceRestored: 1, SourceDegraded: 1, SourceRecovered: 1 });
  });
});
