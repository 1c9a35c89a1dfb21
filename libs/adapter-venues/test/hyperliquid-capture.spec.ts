import { itWithSharedData } from '@evenkeel/testkit';

import { createSequencedBook } from '@evenkeel/venue-wire';
import { parseFeed } from './parse-feed';
import { recordedLines } from './recorded-files';

const FILE = 'hftbacktest/hyperliquid_btcusd_20250126.gz';

itWithSharedData(`data/wire/${FILE}`)(
  'the recorded Hyperliquid capture: every message parses, no book is crossed',
  () => {
    const book = createSequencedBook({ snapshots: 'pushed' });
    const counts = new Map<string, number>();
    for (const line of recordedLines(FILE)) {
      const parsed = parseFeed({ venue: 'hyperliquid', market: 'linear' }, line.slice(line.indexOf(' ') + 1));
      if (!parsed.ok) throw new Error(`${parsed.failure.code}: ${line}`);
      for (const event of parsed.value) {
        counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
        if (event.kind !== 'book-snapshot') continue;
        expect(book.apply(event).map((fact) => fact.fact)).toEqual(['book-synced']);
        expect([book.depth('bid'), book.depth('ask')]).toEqual([20, 20]);
      }
    }
    process.stderr.write(`${FILE}: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}\n`);
    expect(counts.get('book-snapshot')).toBe(46);
    expect(counts.get('trade')).toBeGreaterThan(9);
  },
);
