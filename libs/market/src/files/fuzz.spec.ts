import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import fc from 'fast-check';
import { createTape } from '../tape/tape';
import { parseBookFile } from './book-file';
import { parseTapeManifest } from './tape-manifest';

const RUNS = process.env['EK_SOAK'] === '1' ? 20_000 : 150;

const BOOK: Json = {
  book: 'desk',
  numeraire: 'USD',
  positions: [
    { instrument: 'BTC-9JAN26-89000-C@deribit', quantity: '-1', price: '0.022', at: '2026-01-02T09:18:09Z' },
    { instrument: 'ETH-9JAN26-3000-P@deribit', quantity: '2', price: '0.01', at: '2026-01-02T09:18:09Z' },
  ],
  hedge: { instruments: ['BTCUSDT-PERP@binance'], policy: { kind: 'delta-band' }, target: { delta: '0' } },
  limits: { maxOrderQuantity: { 'BTCUSDT-PERP@binance': '5' } },
};

const CHAIN = [
  'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency',
  '2026-01-09T07:51:15.944181Z,BTC-9JAN26-90000-C,90010.5,0.0012,,6.7e-04,0.43,90001.2,BTC',
  '2026-01-09T07:52:15.944181Z,BTC-16JAN26-90000-P,90020,,0.02,0.019,0.4,90001.2,BTC',
].join('\n');

/** Runs it; anything but success or a list of problems with paths fails the test. */
function survives(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, message } of error.problems)
      expect(`${path}${message}`.length).toBeGreaterThan(path.length);
    return false;
  }
}

const edits = fc.array(
  fc.record({ at: fc.nat(), insert: fc.string({ maxLength: 4, unit: 'binary' }), cut: fc.nat({ max: 5 }) }),
  { minLength: 1, maxLength: 4 },
);

function mutate(text: string, changes: readonly { at: number; insert: string; cut: number }[]): string {
  return changes.reduce((current, { at, insert, cut }) => {
    const place = at % (current.length + 1);
    return current.slice(0, place) + insert + current.slice(place + cut);
  }, text);
}

describe('whatever a file holds, it is read or every problem in it has a path', () => {
  it('any JSON as a book or a tape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(survives(() => parseBookFile(value, 'b'))).toBe(false);
        expect(survives(() => parseTapeManifest(value, 't'))).toBe(false);
      }),
      { seed: 31, numRuns: RUNS },
    );
  });

  it('a book with edited bytes', () => {
    let read = 0;
    fc.assert(
      fc.property(edits, (changes) => {
        if (survives(() => parseBookFile(mutate(canonicalJson(BOOK), changes), 'b'))) read += 1;
      }),
      { seed: 32, numRuns: RUNS },
    );
    expect(read).toBeLessThan(RUNS);
  });

  it('a chain with edited bytes', () => {
    const manifest = parseTapeManifest(
      {
        tape: 't',
        from: '2026-01-01T00:00:00Z',
        to: '2026-02-01T00:00:00Z',
        sources: [{ file: 'c', format: 'deribit-chain', currency: 'BTC' }],
      },
      't',
    );
    fc.assert(
      fc.property(edits, (changes) => {
        survives(() => {
          const tape = createTape(manifest, new Map([['c', mutate(CHAIN, changes)]]));
          for (const { quotes } of tape.instants()) {
            for (const { price, volatility = 1 } of quotes)
              expect(Number.isFinite(Number(price) + volatility)).toBe(true);
          }
        });
      }),
      { seed: 33, numRuns: RUNS },
    );
  });
});
