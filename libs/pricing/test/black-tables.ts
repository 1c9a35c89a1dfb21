import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from '@evenkeel/testkit';

/** The cases of `validation/<name>.json`. Callers state what they read of the inputs; the files are fixed. */
export function tableCases<Inputs, Tolerance = number, Expected = Readonly<Record<string, number>>>(
  name: string,
): readonly {
  readonly id: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
  readonly tolerance: Tolerance;
}[] {
  const text = readFileSync(join(sharedDir() ?? '', 'validation', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { cases: never }).cases; // the shape is what the caller declares for this known file
}
