import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InvalidInputError, required } from '@evenkeel/kernel';
import { createTape, parseTapeManifest, parseTradesFile } from '@evenkeel/market';
import { REPOSITORY } from '../stack/home';

const page = readFileSync(join(REPOSITORY, 'docs', 'files.md'), 'utf8');
const MANIFEST = join(REPOSITORY, 'samples', 'tape.json');
const manifest = parseTapeManifest(readFileSync(MANIFEST, 'utf8'), MANIFEST);

function textOf(file: string): string {
  const bytes = readFileSync(join(dirname(MANIFEST), file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** What the page lists for a format: every name between backticks in the second column. `delivery_price_proxy` is another name. */
function listedColumns(format: string): string[] {
  return page.split('\n').flatMap((line) => {
    const [, of = '', columns = ''] = line.split('|').map((cell) => cell.trim());
    return of === `\`${format}\`` ? [...columns.matchAll(/`(\w+)`/g)].map(([, name = '']) => name) : [];
  });
}

/** The table with these columns alone. */
function onlyColumns(text: string, keep: readonly string[]): string {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const places = keep.map((name) => required(rows[0], 'a header').indexOf(name));
  return rows.map((row) => places.map((place) => row[place] ?? '').join(',')).join('\n');
}

/** What the reader says of the samples when one file holds these columns alone. */
function problemsWith(file: string, columns: readonly string[]): string[] {
  const texts = new Map(manifest.sources.map((source) => [source.file, textOf(source.file)]));
  texts.set(file, onlyColumns(textOf(file), columns));
  try {
    createTape(manifest, texts);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ message }) => message);
    throw error;
  }
}

describe('the page of files', () => {
  it.each(['ohlcv', 'deribit-chain', 'funding', 'delivery'])(
    'lists each column of %s that is read, and no other',
    (format) => {
      const { file } = required(
        manifest.sources.find((source) => source.format === format),
        `a sample of ${format}`,
      );
      const columns = listedColumns(format);
      expect(problemsWith(file, columns)).toEqual([]);
      for (const left of columns)
        expect(
          problemsWith(
            file,
            columns.filter((column) => column !== left),
          ),
        ).toEqual([`column "${left}" is missing`]);
    },
  );

  it('lists each column of a file of trades', () => {
    const text = textOf('trades.csv');
    const [, listed = ''] = /CSV with the columns ([\s\S]*?)\. `samples/.exec(page) ?? [];
    const columns = [...listed.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    expect(parseTradesFile(onlyColumns(text, columns), 'trades.csv')).toEqual(
      parseTradesFile(text, 'trades.csv'),
    );
    for (const left of columns)
      expect(() =>
        parseTradesFile(
          onlyColumns(
            text,
            columns.filter((column) => column !== left),
          ),
          'trades.csv',
        ),
      ).toThrow(`column "${left}" is missing`);
  });

  it('shows samples as they are', () => {
    const shown = [...page.matchAll(/`samples\/([\w./-]+)`(?: in full)?:\n\n```\w+\n([\s\S]*?)```/g)];
    expect(shown.map(([, file]) => file)).toEqual(['books/eth-strangles.json', 'tape.json', 'trades.csv']);
    for (const [, file = '', text = ''] of shown) {
      const read = (content: string): unknown => (file.endsWith('.json') ? JSON.parse(content) : content);
      expect(read(text)).toEqual(read(textOf(file)));
    }
  });
});
