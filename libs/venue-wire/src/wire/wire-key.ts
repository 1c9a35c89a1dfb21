/** Of a key that has no number: it is none that anybody asks for. */
export const UNKNOWN = 0;
/** Keys of messages, beside those that are asked for, that get a number: a venue may say any. */
const LEARNT_MAX = 4096;
const LEARNT_LENGTH_MAX = 64;
/** Of one tag: a peer could choose more that all have it. */
const ALIKE_MAX = 8;

/**
 * Every key has a number, so that finding a field compares numbers and no letters: 0.87 × of a quote. Keys that are asked for have theirs
 * before a message comes; those that messages say beside them get one when they are met.
 */
class KeyNumbers {
  /** By number. */
  readonly codes: (Uint16Array | undefined)[] = [undefined];
  private readonly byTag = new Map<number, number[]>();
  private learnt = 0;

  /** Of a key that is asked for. */
  ofName(name: string): number {
    return this.known(codesOf(name), 0, name.length) || this.add(codesOf(name));
  }

  /** Of the key of a message that stands between two places of its codes. */
  of(codes: Uint16Array, from: number, to: number): number {
    const known = this.known(codes, from, to);
    if (known !== UNKNOWN || to - from > LEARNT_LENGTH_MAX || this.learnt >= LEARNT_MAX) return known;
    if ((this.byTag.get(tagOf(codes, from, to))?.length ?? 0) >= ALIKE_MAX) return UNKNOWN;
    this.learnt += 1;
    return this.add(codes.slice(from, to));
  }

  private known(codes: Uint16Array, from: number, to: number): number {
    for (const number of this.byTag.get(tagOf(codes, from, to)) ?? [])
      if (isWritten(codes, from, to, this.codes[number])) return number;
    return UNKNOWN;
  }

  private add(codes: Uint16Array): number {
    const tag = tagOf(codes, 0, codes.length);
    const alike = this.byTag.get(tag);
    const number = this.codes.push(codes) - 1;
    if (alike === undefined) this.byTag.set(tag, [number]);
    else alike.push(number);
    return number;
  }
}

export const KEY_NUMBERS = new KeyNumbers();

/** A name that fields are looked for by, or a word that is compared. Made once, before the messages in which it is looked for are read. */
export class WireKey {
  readonly codes: Uint16Array;
  readonly number: number;
  readonly bit: number;

  constructor(readonly name: string) {
    this.codes = codesOf(name);
    this.number = KEY_NUMBERS.ofName(name);
    this.bit = bitOf(this.number);
  }
}

export function wireKeys<Name extends string>(...names: readonly Name[]): { readonly [N in Name]: WireKey } {
  const entries = names.map((name) => [name, new WireKey(name)] as const);
  return Object.fromEntries(entries) as { readonly [N in Name]: WireKey }; // one of each name
}

export function codesOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/** One of 32: an object that lacks it has no key of this number, which answers two of three questions that find nothing. */
export function bitOf(number: number): number {
  return 1 << (number & 31);
}

export function isWritten(codes: Uint16Array, from: number, to: number, written?: Uint16Array): boolean {
  if (to - from !== written?.length) return false;
  for (let index = 0; index < written.length; index += 1)
    if (codes[from + index] !== written[index]) return false;
  return true;
}

/** Length and three characters in one number: two keys that differ in it differ. */
function tagOf(codes: Uint16Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0) return 0;
  const [first = 0, middle = 0, last = 0] = [codes[from], codes[from + (length >> 1)], codes[to - 1]];
  return (length & 0x3f) | ((first & 0xff) << 6) | ((middle & 0xff) << 14) | ((last & 0xff) << 22);
}
