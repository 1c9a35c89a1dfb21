import { unknownField } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { spellingsOf, writtenNames } from '@evenkeel/pricing';

/** Bounds of a number; absent bounds do not bind. */
export interface NumberBounds {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly byDefault?: number;
}

/**
 * One object of a file, read field by field; what is wrong goes to the list of problems and a harmless value comes back. A field may
 * be written in any of the spellings that cases of `keel price` know.
 */
export interface FieldReader {
  all(): Readonly<Record<string, unknown>>;
  written(name: string): unknown;
  problem(name: string, message: string): void;
  number(name: string, bounds: NumberBounds): number;
  integer(name: string, from: number, to: number): number;
  /** Text; a whole number is taken as its digits. */
  text(name: string, byDefault: string): string;
  oneOf<T extends string>(name: string, words: readonly T[], byDefault?: T): T;
  object(name: string, byDefault?: object): FieldReader;
  /** At least one object. */
  list(name: string): readonly FieldReader[];
  /** Refuses fields that were not read. */
  nothingElse(): void;
}

export function readFields(written: unknown, path: string, problems: InputProblem[]): FieldReader {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const isObject = typeof written === 'object' && written !== null && !Array.isArray(written);
  if (!isObject) problems.push({ path: path === '' ? '(file)' : path, message: 'must be an object' });
  // An object that is no array has string keys and unknown values.
  const fields = (isObject ? written : {}) as Readonly<Record<string, unknown>>;
  const known = new Set<string>();
  const problem = (name: string, message: string): void => {
    // What is wrong with an object as a whole is said once.
    if (isObject) problems.push({ path: at(name), message });
  };
  const take = (name: string): unknown => {
    for (const word of spellingsOf(name)) known.add(word);
    const [first, second] = writtenNames(fields, name);
    if (second !== undefined) problem(second, `says the same as ${String(first)}: write one of them`);
    return first === undefined ? undefined : fields[first];
  };
  const reader: FieldReader = {
    all: () => fields,
    written: take,
    problem,
    number: (name, bounds) => {
      const value = take(name);
      if (value === undefined && bounds.byDefault !== undefined) return bounds.byDefault;
      const { above, from, to } = bounds;
      const fits =
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (from === undefined || value >= from) &&
        (above === undefined || value > above) &&
        (to === undefined || value <= to);
      if (fits) return value;
      const range = [
        ...(from === undefined ? [] : [`at least ${from}`]),
        ...(above === undefined ? [] : [`above ${above}`]),
        ...(to === undefined ? [] : [`at most ${to}`]),
      ].join(' and ');
      problem(name, `must be a number${range === '' ? '' : ` ${range}`}, not ${shown(value)}`);
      return bounds.byDefault ?? above ?? from ?? 0;
    },
    integer: (name, from, to) => {
      const value = take(name);
      if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
      problem(name, `must be a whole number from ${from} to ${to}, not ${shown(value)}`);
      return from;
    },
    text: (name, byDefault) => {
      const value = take(name);
      if (value === undefined) return byDefault;
      if (typeof value === 'string' && value !== '') return value;
      if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
      problem(name, `must be text or a whole number, not ${shown(value)}`);
      return byDefault;
    },
    oneOf: (name, words, byDefault) => {
      const value = take(name);
      if (value === undefined && byDefault !== undefined) return byDefault;
      const found = words.find((word) => word === value);
      if (found !== undefined) return found;
      problem(name, `must be one of ${words.join(', ')}, not ${shown(value)}`);
      const [first] = words;
      if (first === undefined) throw new TypeError('a choice has words');
      return byDefault ?? first;
    },
    object: (name, byDefault) => {
      const value = take(name) ?? byDefault;
      if (!isObject && value === undefined) return readFields(undefined, at(name), []);
      return readFields(value, at(name), problems);
    },
    list: (name) => {
      const value = take(name);
      if (Array.isArray(value) && value.length > 0)
        return value.map((entry: unknown, index) => readFields(entry, `${at(name)}[${index}]`, problems));
      problem(name, 'must be a list with at least one entry');
      return [];
    },
    nothingElse: () => {
      for (const name of Object.keys(fields))
        if (!known.has(name)) problem(name, unknownField(name, [...known].sort()));
    },
  };
  return reader;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
