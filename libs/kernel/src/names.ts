/** What every plain object answers to without having it. */
const INHERITED: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype),
]);
const LENGTH_MAX = 256;
/** Control characters, line separators, and halves of pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** THE RULE for ids that others write: state is keyed by them, logs and subjects show them. What is wrong; undefined when nothing is. */
export function nameProblem(name: string): string | undefined {
  if (isInherited(name)) return `"${name}" is a name that every object has`;
  if (name.length > LENGTH_MAX) return `it has ${name.length} characters, more than ${LENGTH_MAX}`;
  return UNPRINTABLE.test(name) ? 'it has characters that cannot be shown' : undefined;
}

/** What such a name begins with: most names and all numbers are let through without being looked up, which was 1 % of a lab run. */
const BEGINNINGS = new Uint8Array(128);
for (const name of INHERITED) BEGINNINGS[name.charCodeAt(0)] = 1;
const INHERITED_MAX = Math.max(...[...INHERITED].map((name) => name.length));

/** The part of the rule that a key of a plain object must keep. */
export function isInherited(name: string): boolean {
  return name.length <= INHERITED_MAX && BEGINNINGS[name.charCodeAt(0)] === 1 && INHERITED.has(name);
}
