import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InvalidInputError } from '@evenkeel/kernel';
import { UNPACKED_MAX_BYTES } from './bounded-files';
import { loadTape, readNamedText } from './tape-files';

describe('files that somebody else made', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-files-'));
    mkdirSync(join(dir, 'tape'));
    mkdirSync(join(dir, 'tape', 'folder.csv'));
    writeFileSync(join(dir, 'outside.csv'), 'timestamp\n');
    writeFileSync(
      join(dir, 'tape', 'bomb.csv.gz'),
      gzipSync(Buffer.alloc(UNPACKED_MAX_BYTES + 1), { level: 1 }),
    );
    writeFileSync(join(dir, 'tape', 'torn.csv.gz'), gzipSync('timestamp\n').subarray(0, 12));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const problemsOf = (...files: string[]): readonly string[] => {
    const manifest = join(dir, 'tape', 'tape.json');
    const sources = files.map((file, index) => ({
      file,
      format: 'ohlcv',
      instrument: `X${index}USDT-PERP@binance`,
      interval: 'PT1M',
    }));
    const tape = { tape: 't', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', sources };
    writeFileSync(manifest, JSON.stringify(tape));
    try {
      loadTape(manifest);
    } catch (error) {
      if (error instanceof InvalidInputError)
        return error.problems.map(({ path, message }) => `${path}: ${message}`);
      throw error;
    }
    return [];
  };

  it('are not read outside the folder of the tape, whatever its manifest says', () => {
    expect(problemsOf('../outside.csv', '/etc/hostname', 'x/../../outside.csv')).toEqual([
      'sources[0].file: ../outside.csv leads out of the folder of the tape',
      'sources[1].file: /etc/hostname leads out of the folder of the tape',
      'sources[2].file: x/../../outside.csv leads out of the folder of the tape',
    ]);
  });

  it('are read without their byte order mark, in UTF-8 and UTF-16', () => {
    const path = join(dir, 'cases.json');
    const text = '{"cases":["\u20ac"]}';
    const swapped = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    for (const bytes of [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le'), swapped]) {
      writeFileSync(path, bytes);
      expect(JSON.parse(readNamedText(path))).toEqual({ cases: ['\u20ac'] });
    }
  });

  const MARK = '\ufeff';
  const CASES = '{"cases":["\u20ac"]}';
  it.each<[string, string, Buffer, RegExp | string]>([
    ['a mark in gzip', 'marked.json.gz', gzipSync(`${MARK}${CASES}`), CASES],
    ['UTF-16 in gzip', 'wide.json.gz', gzipSync(Buffer.from(`${MARK}${CASES}`, 'utf16le')), CASES],
    ['a mark within the text', 'within.json', Buffer.from(`["${MARK}"]`), `["${MARK}"]`],
    ['a second mark, which is text', 'twice.json', Buffer.from(`${MARK}${MARK}{}`), `${MARK}{}`],
    ['nothing but a mark', 'empty.json', Buffer.from(MARK), ''],
    ['Latin-1', 'latin.json', Buffer.from('["caf\u00e9"]', 'latin1'), /is not UTF-8/],
    ['UTF-8 that is cut off', 'cut.json', Buffer.from(CASES).subarray(0, 12), /is not UTF-8/],
    [
      'UTF-16 that is cut off',
      'torn.json',
      Buffer.from(`${MARK}\u20ac`, 'utf16le').subarray(0, 3),
      /is not UTF-16LE/,
    ],
  ])('with %s', (_, name, bytes, read) => {
    const path = join(dir, name);
    writeFileSync(path, bytes);
    if (typeof read === 'string') expect(readNamedText(path)).toBe(read);
    else expect(() => readNamedText(path)).toThrow(read);
  });

  it('make a tape whose manifest and tables all carry a mark', () => {
    const table = 'date,open,high,low,close,volume\n2026-01-01T00:00:00Z,1,1,1,1,1\n';
    writeFileSync(join(dir, 'tape', 'marked.csv'), `${MARK}${table}`);
    const manifest = join(dir, 'marked.json');
    const source = {
      file: 'tape/marked.csv',
      format: 'ohlcv',
      instrument: 'BTCUSDT-PERP@binance',
      interval: '1h',
    };
    const tape = { tape: 't', from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', sources: [source] };
    writeFileSync(manifest, `${MARK}${JSON.stringify(tape)}`);
    expect([...loadTape(manifest).instants()]).toHaveLength(1);
    writeFileSync(join(dir, 'tape', 'marked.csv'), Buffer.from(`${table}caf\u00e9`, 'latin1'));
    expect(() => loadTape(manifest)).toThrow(/marked\.csv is not UTF-8/);
  });

  it('are unpacked to a limit, and refused by name beyond it', () => {
    expect(problemsOf('bomb.csv.gz', 'torn.csv.gz', 'folder.csv', 'none.csv')).toEqual([
      `sources[0].file: bomb.csv.gz unpacks to more than ${UNPACKED_MAX_BYTES} bytes`,
      'sources[1].file: torn.csv.gz is not intact gzip',
      'sources[2].file: folder.csv is a folder, not a file',
      'sources[3].file: none.csv does not exist',
    ]);
    expect(() => readNamedText(join(dir, 'tape', 'bomb.csv.gz'))).toThrow(/unpacks to more than/);
    expect(() => readNamedText('/dev/zero')).toThrow(/is not an ordinary file/);
  });
});
