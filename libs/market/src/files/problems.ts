import { InvalidInputError, unknownField } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { z } from 'zod';

/** `positions[3].quantity`; the whole file is `(file)`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text === '' ? '(file)' : text;
}

/** The value, or every problem, one for each unknown field with the field that may have been meant. */
export function readWith<T>(
  schema: z.ZodType<T>,
  input: unknown,
): { readonly value: T } | { readonly problems: InputProblem[] } {
  const result = schema.safeParse(input, { error: namesOfObject });
  return result.success ? { value: result.data } : { problems: result.error.issues.flatMap(problemsOf) };
}

/** Zod forgets which object it was: its names go along in place of a message. */
const namesOfObject: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject
    ? Object.keys(issue.inst.shape).join(' ')
    : undefined;

function problemsOf(issue: z.core.$ZodIssue): InputProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: formatPath(issue.path), message: describe(issue) }];
  const known = issue.message.split(' ');
  return issue.keys.map((key) => ({
    path: formatPath([...issue.path, key]),
    message: unknownField(key, known, 'unknown field'),
  }));
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
  const read = readWith(schema, typeof input === 'string' ? parseJson(input, source) : input);
  if ('problems' in read) throw new InvalidInputError(source, read.problems);
  return read.value;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidInputError(source, [{ path: '(file)', message: `is not JSON: ${message}` }]);
  }
}
