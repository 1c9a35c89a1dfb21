import { parseDuration } from '@evenkeel/kernel';
import { createTape } from '../tape/tape';
import type { ImportOptions } from './import-options';
import { importTexts } from './imported-texts';
import { judgedImport } from './tape-import';
import type { ImportedTexts } from './imported-texts';

/** 2026-01-05T00:00:00Z in microseconds. */
export const T0 = 1_767_571_200_000_000;

export const table = (header: string, ...rows: readonly string[]): string =>
  `${[header, ...rows].join('\n')}\n`;

export interface Asked extends Partial<Omit<ImportOptions, 'every' | 'chainEvery'>> {
  readonly every?: string;
  readonly chainEvery?: string;
}

export interface Imported extends ImportedTexts {
  readonly files: ReadonlyMap<string, string>;
}

/** Imports texts and reads what came of them as a run would. */
export function importing(texts: Readonly<Record<string, string>>, asked: Asked = {}): Imported {
  const { every = '1m', chainEvery = '1h', ...rest } = asked;
  const result = importTexts(
    Object.entries(texts).map(([name, text]) => ({ name, text, said: {} })),
    {
      tape: 'imported',
      decimalComma: false,
      volumes: true,
      ...rest,
      every: parseDuration(every),
      chainEvery: parseDuration(chainEvery),
    },
  );
  const judged = judgedImport(result, () => createTape(result.manifest, result.texts));
  return { ...result, ...judged, files: result.texts };
}

/** The rows of a file, without its header. */
export function rowsOf(files: ReadonlyMap<string, string>, name: string): readonly string[] {
  const text = files.get(name);
  if (text === undefined) throw new Error(`${name} was not written: ${[...files.keys()].join(', ')}`);
  return text.trim().split('\n').slice(1);
}
