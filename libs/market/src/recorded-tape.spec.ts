import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { checkBookAgainstTape } from './tape/book-against-tape';
import { parseBookFile } from './files/book-file';
import { parseTapeManifest } from './files/tape-manifest';
import { createPriceIngest } from './price/price-ingest';
import { createTape } from './tape/tape';
import type { Tape } from './tape/tape';

const FOLDER = 'data/crypto-options-2026-01';

function loadTape(name: string): Tape {
  const path = join(sharedDir() ?? '', FOLDER, name);
  const manifest = parseTapeManifest(readFileSync(path, 'utf8'), name);
  const texts = new Map<string, string>();
  for (const { file } of manifest.sources) {
    const bytes = readFileSync(join(dirname(path), file));
    texts.set(file, (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  return createTape(manifest, texts);
}

interface Tally {
  instants: number;
  prices: number;
  quotes: number;
  composites: number;
  fundings: number;
  deliveries: number;
  statuses: Record<string, number>;
  facts: Record<string, number>;
}

function ingestAll(tape: Tape): Tally {
  const ingest = createPriceIngest({ sources: tape.sources });
  const tally: Tally = {
    instants: 0,
    prices: 0,
    quotes: 0,
    composites: 0,
    fundings: 0,
    deliveries: 0,
    statuses: {},
    facts: {},
  };
  let last = 0n;
  for (const raw of tape.instants()) {
    tally.instants += 1;
    const { instant, facts } = ingest.ingest(raw, tally.instants);
    if (raw.at <= last) throw new Error(`${raw.eventTime} does not come after the instant before`);
    last = raw.at;
    for (const mark of instant.marks) {
      if (mark.kind === 'option') tally.quotes += 1;
      else if (mark.kind === 'price') tally.prices += 1;
      else tally.composites += 1;
      const key = `${mark.kind}/${mark.status}`;
      tally.statuses[key] = (tally.statuses[key] ?? 0) + 1;
    }
    tally.fundings += instant.fundings.length;
    tally.deliveries += instant.deliveries.length;
    for (const fact of facts)
      for (const event of fact.events) tally.facts[event.type] = (tally.facts[event.type] ?? 0) + 1;
  }
  return tally;
}

describe('the recorded January market', () => {
  itWithSharedData(FOLDER)('reads every bar, quote, funding and delivery of the BTC tape', () => {
    const started = process.hrtime.bigint();
    const tape = loadTape('tape-btc.json');
    const read = process.hrtime.bigint();
    const tally = ingestAll(tape);
    const ingested = process.hrtime.bigint();
    process.stdout.write(
      `BTC tape: ${JSON.stringify(tally)}; read in ${(read - started) / 1_000_000n} ms, ingested in ${(ingested - read) / 1_000_000n} ms\n`,
    );
    expect(tally.quotes).toBe(76_886);
    expect(tally.instants).toBe(tape.length);
    expect(tally.deliveries).toBe(31);
    expect(tally.statuses['option/OK']).toBe(76_886);
  });

  itWithSharedData(FOLDER)('accepts the books that were written for it', () => {
    for (const [tapeName, bookName] of [
      ['tape-btc.json', 'btc-weekly-straddles.json'],
      ['tape-btc-eth.json', 'btc-eth-desk.json'],
    ] as const) {
      const tape = loadTape(tapeName);
      const book = parseBookFile(readFileSync(join(sharedDir() ?? '', 'books', bookName), 'utf8'), bookName);
      checkBookAgainstTape(book, bookName, tape);
      process.stdout.write(`${tapeName}: ${tape.length} instants, ${tape.priced.size} instruments\n`);
      if (tapeName === 'tape-btc-eth.json') process.stdout.write(`${JSON.stringify(ingestAll(tape))}\n`);
    }
  });
});
