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
