import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import type { z } from 'zod';

/** `positions[3].quantity`; the whole file is `(file)`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text === '' ? '(file)' : text;
}

/** Every problem Zod found, one line per unknown key. */
export function problemsOf(error: z.ZodError): InputProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: formatPath([...issue.path, key]), message: 'unknown field' }))
      : [{ path: formatPath(issue.path), message: describe(issue) }],
  );
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) return 'is missing';
  return issue.message;
}

/**
 * Reads a file that a person wrote: JSON text (or an already parsed value) through a schema. Throws `InvalidInputError`
 * (`INPUT.INVALID`) that lists every problem with its path, `source` first.
 */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown, source: string): T {
  const result = schema.safeParse(typeof input === 'string' ? parseJson(input, source) : input);
  if (!result.success) throw new InvalidInputError(source, problemsOf(result.error));
  return result.data;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidInputError(source, [{ path: '(file)', message: `is not JSON: ${message}` }]);
  }
}
