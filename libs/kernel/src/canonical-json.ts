import { AssertionFault } from './errors';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Plain data, interfaces too: what holds a bigint, a function or an object with methods has no such type. */
export type PlainJson<T> = T extends Json | undefined
  ? T
  : T extends bigint | symbol | ((...parameters: never[]) => unknown)
    ? never
    : { readonly [Key in keyof T]: PlainJson<T[Key]> };

/**
 * RFC 8785 canonical JSON: keys sorted by UTF-16 code unit, no white space, ECMAScript numbers. Keys whose value is
 * undefined are left out; NaN and infinities are bugs.
 */
export function canonicalJson<T>(value: T & PlainJson<T>): string {
  return textOf(value as Json); // as its type says
}

function textOf(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new AssertionFault(`numbers in canonical JSON are finite, not ${value}`);
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(textOf).join(',')}]`;
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const entry = value[key];
    if (entry !== undefined) parts.push(`${JSON.stringify(key)}:${textOf(entry)}`);
  }
  return `{${parts.join(',')}}`;
}

function isList(
  value: readonly Json[] | { readonly [key: string]: Json | undefined },
): value is readonly Json[] {
  return Array.isArray(value);
}
