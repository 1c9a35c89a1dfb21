import type { TapeManifest } from '../files/tape-manifest';
import type { ImportOptions, SaidOfFile } from './import-options';
import { readingOrder, TapeImport } from './tape-import';
import type { ImportResult } from './tape-import';

export interface ImportedTexts extends ImportResult {
  /** The text of each file of the manifest. */
  readonly texts: ReadonlyMap<string, string>;
  readonly manifest: TapeManifest;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
  readonly said: SaidOfFile;
}

/** The same as an import of files, of texts that are there already. Throws `InvalidInputError`. */
export function importTexts(files: readonly NamedText[], options: ImportOptions): ImportedTexts {
  const lines = new Map<string, string[]>();
  const output = {
    line: (name: string, text: string): void => {
      const known = lines.get(name);
      if (known === undefined) lines.set(name, [text]);
      else known.push(text);
    },
  };
  const tape = new TapeImport(options, output);
  const inOrder = files.map((file) => ({ ...file, ...tape.peek(file.name, file.text, file.said) }));
  inOrder.sort(readingOrder);
  for (const { name, text, said } of inOrder) {
    const file = tape.begin(name, said);
    file.text(text);
    tape.end(file);
  }
  const result = tape.finish();
  const texts = new Map<string, string>();
  for (const [name, written] of lines)
    if (!result.needless.includes(name)) texts.set(name, `${written.join('\n')}\n`);
  return { ...result, texts };
}
