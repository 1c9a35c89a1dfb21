import { InvalidInputError } from '@evenkeel/kernel';
import { parseTapeManifest } from '../files/tape-manifest';
import { createTape } from '../tape/tape';
import { FORMAT_NAMES } from './format-names';
import { FORMATS } from './formats/all-formats';
import { importing, T0, table } from './import.test-support';

const MINUTE = 60_000_000;
const stamp = (at: number): string => `${T0 + at},${T0 + at}`;
const QUOTES = table(
  'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount',
  ...[0, 1, 2, 3].map(
    (minute) => `binance-futures,BTCUSDT,${stamp(minute * MINUTE)},1,9000${minute}.2,9000${minute}.1,1`,
  ),
);
const FUNDING = table('calc_time,funding_interval_hours,last_funding_rate', `${T0 / 1000 + 60_000},8,0.0001`);
const FILES = { 'quotes.csv': QUOTES, 'BTCUSDT-fundingRate-2026-01.csv': FUNDING };

const manifest = (sources: readonly object[], more: object = {}): string =>
  JSON.stringify({
    tape: 'direct',
    from: '2026-01-05T00:00:00Z',
    to: '2026-01-05T00:04:00Z',
    ...more,
    sources,
  });

describe('files of others as sources of a tape', () => {
  it('say what their import says', () => {
    const imported = importing(FILES);
    const direct = parseTapeManifest(
      manifest([
        { file: 'quotes.csv', format: 'tardis-quotes' },
        { file: 'BTCUSDT-fundingRate-2026-01.csv', format: 'binance-fundingRate' },
      ]),
      'tape.json',
    );
    const tape = createTape(direct, new Map(Object.entries(FILES)));
    expect([...tape.instants()]).toEqual([...createTape(imported.manifest, imported.texts).instants()]);
    expect(tape.length).toBe(4);
    expect(tape.funded).toEqual(new Set(['BTCUSDT-PERP@binance']));
  });

  it('are read as the manifest says', () => {
    const read = (more: object): number =>
      createTape(
        parseTapeManifest(manifest([{ file: 'quotes.csv', format: 'tardis-quotes' }], more), 'tape.json'),
        new Map([['quotes.csv', QUOTES]]),
      ).length;
    expect([read({}), read({ import: { every: '2m' } })]).toEqual([4, 2]);
  });

  it('are refused like the others: by file and line, and where they tell what another source tells', () => {
    const reading = (sources: readonly object[], quotes: string): string[] => {
      const texts = new Map([
        ['quotes.csv', quotes],
        ['bars.csv', table('date,open,high,low,close,volume', '2026-01-05T00:00:00Z,1,1,1,1,1')],
      ]);
      try {
        createTape(parseTapeManifest(manifest(sources), 'tape.json'), texts);
      } catch (error) {
        if (error instanceof InvalidInputError)
          return error.problems.map(({ path, message }) => `${path}: ${message}`);
        throw error;
      }
      return [];
    };
    const quotes = { file: 'quotes.csv', format: 'tardis-quotes' };
    expect(reading([quotes], QUOTES.replace('90003.2', 'x'))).toEqual([
      'quotes.csv:5: ask "x" is not a number',
    ]);
    expect(reading([{ ...quotes, format: 'tardis-trades' }], QUOTES)[0]).toMatch(
      /is no tardis-trades: column "price" is missing/,
    );
    const bars = { file: 'bars.csv', format: 'ohlcv', instrument: 'BTCUSDT-PERP@binance', interval: '1m' };
    expect(reading([bars, quotes], QUOTES)).toEqual(['sources[1]: gives the same ohlcv as sources[0]']);
    expect(reading([{ file: 'none.csv', format: 'tardis-quotes' }], QUOTES)).toEqual([
      'sources[0].file: none.csv was not given',
    ]);
  });

  it('have a name for each format that is read', () => {
    expect(FORMATS.map(({ name }) => name)).toEqual(FORMAT_NAMES);
  });
});
