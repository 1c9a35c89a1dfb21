import { failure, success, type Result } from '@evenkeel/kernel';

import { copyOf } from './text-copy';
import { KEY_NUMBERS, UNKNOWN, bitOf, codesOf, isWritten } from './wire-key';
import type { WireKey } from './wire-key';
import { NumberLexeme } from './wire-value';
import type { WireObject, WireValue } from './wire-value';

/** Where a value stands in a scan; `ABSENT` for none. */
export type Slot = number;
export const ABSENT: Slot = -1;
/** Of the message itself. */
export const ROOT: Slot = 0;

const enum Token {
  Object = 1,
  Array = 2,
  Text = 3,
  /** A text with escapes. */
  Escaped = 4,
  Number = 5,
  True = 6,
  False = 7,
  Null = 8,
}

/**
 * A token: what it is, from and to where in the text (of an object instead of the latter: the bits of its keys), and the slot
 * after it (of a key: its number).
 */
const WIDTH = 4;
const TO = 2;
const NEXT = 3;
const SPACE = 0x20;
const DEPTH_MAX = 64;
/** A power of two. */
const EXPECTED = 4096;
const KEPT_MAX = 1 << 18;
const ROOM_MIN = 1 << 14;
/** A double keeps 15 significant digits: shorter literals without an exponent come back as they were written. */
const EXACT_DIGITS = 15;
/** Of a key that comes again in its object: the last one counts, as JSON.parse has it. */
const DEAD = -1;
/** Keys of one object that are gone through to find a twin; where there are more, they are looked up. */
const SEARCHED_MAX = 32;

const enum Code {
  Quote = 0x22,
  Plus = 0x2b,
  Comma = 0x2c,
  Minus = 0x2d,
  Point = 0x2e,
  Zero = 0x30,
  Nine = 0x39,
  Colon = 0x3a,
  OpenArray = 0x5b,
  Backslash = 0x5c,
  CloseArray = 0x5d,
  LowerU = 0x75,
  OpenObject = 0x7b,
  CloseObject = 0x7d,
}

/** Thrown where the text is not JSON. */
export class NotJson extends Error {
  constructor(readonly at: number) {
    super(`not JSON at character ${at}`);
  }
}

/**
 * One message, gone through once: where each value begins and ends, in one array that is used again for the next message. A value
 * is made when somebody asks for it, from the digits that the venue wrote: no double comes between. Costs 0.25 to 0.4 × of `JSON.parse`
 * on messages of venues, whose objects and numbers nobody would look at a second time. RFC 8259, no deeper than 64.
 */
export class JsonScan {
  text = '';
  /** The UTF-16 codes of the text, and 0 after the last. */
  codes = new Uint16Array(ROOM_MIN);
  private room = Buffer.from(this.codes.buffer);
  private tape: Int32Array = new Int32Array(1024 * WIDTH);
  private readonly open = new Int32Array(DEPTH_MAX);
  /**
   * The number of the key that came last time after the two before it: messages of a stream have the same keys in the same order, and the
   * letters of the one expected are compared where they stand, without looking for the end first.
   */
  private readonly expected = new Int32Array(EXPECTED);
  /** Of objects with many keys, or with escaped ones, the newest slot of each key: going through them would be quadratic. */
  private readonly crowded = new Map<Slot, Map<string, Slot>>();

  /** Throws `NotJson`. What was found before is forgotten. One loop over locals: split into methods it took 1.5 × as long. */
  read(text: string): void {
    this.text = text;
    const codes = this.write(text);
    const { open, expected } = this;
    const { codes: keyCodes } = KEY_NUMBERS;
    let { tape } = this;
    let key = UNKNOWN;
    let before = UNKNOWN;
    let used = 0;
    let depth = 0;
    let parent = ABSENT;
    let inObject = false;
    let at = 0;
    for (;;) {
      if (used + 2 * WIDTH > tape.length) tape = this.grown();
      let code = codes[at] ?? 0;
      if (code <= SPACE) code = codes[(at = afterSpace(codes, at))] ?? 0;
      if (inObject) {
        if (code !== Code.Quote) throw new NotJson(at);
        let isEscaped = false;
        const place = (before * 61 + key) & (EXPECTED - 1);
        let number = expected[place] ?? UNKNOWN;
        let to = endOfKey(codes, at + 1, keyCodes[number]);
        if (to < 0) {
          const end = endOfString(codes, at + 1);
          isEscaped = end < 0;
          to = isEscaped ? ~end : end;
          number = this.numberOf(codes, at + 1, to, isEscaped);
          // What is written with escapes is not found by its letters.
          expected[place] = isEscaped ? UNKNOWN : number;
        }
        before = key;
        key = number;
        tape[used] = isEscaped ? Token.Escaped : Token.Text;
        tape[used + 1] = at + 1;
        tape[used + TO] = to;
        tape[used + NEXT] = number;
        const bit = bitOf(number);
        const met = tape[parent + TO] ?? 0;
        tape[parent + TO] = met | bit;
        if (isEscaped || (met & bit) !== 0) this.buryTwins(parent, used);
        used += WIDTH;
        code = codes[(at = to + 1)] ?? 0;
        if (code <= SPACE) code = codes[(at = afterSpace(codes, at))] ?? 0;
        if (code !== Code.Colon) throw new NotJson(at);
        code = codes[(at += 1)] ?? 0;
        if (code <= SPACE) code = codes[(at = afterSpace(codes, at))] ?? 0;
      }
      const slot = used;
      used += WIDTH;
      tape[slot + 1] = at;
      if (code === Code.OpenObject || code === Code.OpenArray) {
        if (depth === DEPTH_MAX) throw new NotJson(at);
        inObject = code === Code.OpenObject;
        tape[slot] = inObject ? Token.Object : Token.Array;
        tape[slot + TO] = 0;
        open[depth] = parent = slot;
        depth += 1;
        code = codes[(at += 1)] ?? 0;
        if (code <= SPACE) code = codes[(at = afterSpace(codes, at))] ?? 0;
        if (code !== (inObject ? Code.CloseObject : Code.CloseArray)) continue;
      } else {
        if (code === Code.Quote) {
          const end = endOfString(codes, at + 1);
          tape[slot] = end < 0 ? Token.Escaped : Token.Text;
          tape[slot + 1] = at + 1;
          at = end < 0 ? ~end : end;
          tape[slot + TO] = at;
          at += 1;
        } else {
          tape[slot] = kindOf(code);
          tape[slot + TO] = at = endOfLiteral(codes, text, code, at);
        }
        tape[slot + NEXT] = used;
      }
      // After a value: the next one of the same parent, or the end of it and of those that end with it.
      while (depth > 0) {
        code = codes[at] ?? 0;
        if (code <= SPACE) code = codes[(at = afterSpace(codes, at))] ?? 0;
        at += 1;
        if (code === Code.Comma) break;
        if (code !== (inObject ? Code.CloseObject : Code.CloseArray)) throw new NotJson(at - 1);
        tape[parent + NEXT] = used;
        depth -= 1;
        parent = depth === 0 ? ABSENT : (open[depth - 1] ?? ABSENT);
        inObject = parent !== ABSENT && tape[parent] === Token.Object;
      }
      if (depth === 0) break;
    }
    if (afterSpace(codes, at) !== text.length) throw new NotJson(at);
  }

  /** The text in the room of the one before: read from there a character costs 0.5 × of asking the text for it. */
  private write(text: string): Uint16Array {
    if (text.length >= this.codes.length) this.makeRoom(text.length + 1);
    this.room.write(text, 0, 'utf16le');
    // Ends every loop: no token goes on over it.
    this.codes[text.length] = 0;
    return this.codes;
  }

  private makeRoom(characters: number): void {
    const room = new Uint16Array(Math.max(characters, ROOM_MIN));
    this.codes = room;
    this.room = Buffer.from(room.buffer);
  }

  private numberOf(codes: Uint16Array, from: number, to: number, isEscaped: boolean): number {
    if (!isEscaped) return KEY_NUMBERS.of(codes, from, to);
    const written = codesOf(this.unescaped(from, to));
    return KEY_NUMBERS.of(written, 0, written.length);
  }

  /** Keys of the object that say the same as the one at `slot`, the newest. */
  private buryTwins(object: Slot, slot: Slot): void {
    const { tape } = this;
    let keys = this.crowded.size > 0 ? this.crowded.get(object) : undefined;
    if (keys === undefined) {
      if (tape[slot] === Token.Text && this.hasSearched(object, slot)) return;
      keys = this.lookedUp(object, slot);
    }
    const key = this.keyAt(slot);
    const twin = keys.get(key);
    if (twin !== undefined) tape[twin + NEXT] = DEAD;
    keys.set(key, slot);
  }

  /** Whether all keys before `slot` have been gone through: no more than are few. */
  private hasSearched(object: Slot, slot: Slot): boolean {
    const { tape } = this;
    const number = tape[slot + NEXT];
    let at = object + WIDTH;
    for (let left = SEARCHED_MAX; at < slot && left > 0; left -= 1) {
      const isTwin =
        tape[at + NEXT] === number && (number !== UNKNOWN || this.keyAt(at) === this.keyAt(slot));
      if (isTwin) tape[at + NEXT] = DEAD;
      at = tape[at + WIDTH + NEXT] ?? slot;
    }
    return at === slot;
  }

  /** The keys of an object before `slot`; every later one is asked for. */
  private lookedUp(object: Slot, slot: Slot): Map<string, Slot> {
    const { tape } = this;
    const keys = new Map<string, Slot>();
    for (let at = object + WIDTH; at < slot; at = tape[at + WIDTH + NEXT] ?? slot)
      if (tape[at + NEXT] !== DEAD) keys.set(this.keyAt(at), at);
    this.crowded.set(object, keys);
    tape[object + TO] = EVERY_BIT;
    return keys;
  }

  /** A key behind a quote: engines hash a text of digits to its number, so that a peer could choose keys that all meet. */
  private keyAt(slot: Slot): string {
    const from = this.fromOf(slot);
    const to = this.toOf(slot);
    return this.tape[slot] === Token.Escaped ? `"${this.unescaped(from, to)}` : this.text.slice(from - 1, to);
  }

  private grown(): Int32Array {
    const longer = new Int32Array(this.tape.length * 2);
    longer.set(this.tape);
    this.tape = longer;
    return longer;
  }

  /** Lets go of the message, and of room that only a listing of everything needs. */
  release(): void {
    this.text = '';
    // To clear an empty map makes it a new table: a seventh of a quote.
    if (this.crowded.size > 0) this.crowded.clear();
    if (this.tape.length > KEPT_MAX) this.tape = new Int32Array(1024 * WIDTH);
    if (this.codes.length > KEPT_MAX) this.makeRoom(ROOM_MIN);
  }

  isObject(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Object;
  }

  isArray(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Array;
  }

  /** A text without escapes: what stands between `fromOf` and `toOf`. */
  isPlainText(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Text;
  }

  isNumber(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Number;
  }

  isNull(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Null;
  }

  isEmptyText(slot: Slot): boolean {
    return slot >= 0 && this.tape[slot] === Token.Text && this.fromOf(slot) === this.toOf(slot);
  }

  /** Whether a text is this one. */
  isText(slot: Slot, text: WireKey): boolean {
    if (this.isPlainText(slot)) return this.isWritten(slot, text.codes);
    return slot >= 0 && this.tape[slot] === Token.Escaped && this.literalAt(slot) === text.name;
  }

  /** Of a text the first character after the quote. */
  fromOf(slot: Slot): number {
    return this.tape[slot + 1] ?? 0;
  }

  toOf(slot: Slot): number {
    return this.tape[slot + TO] ?? 0;
  }

  /** The value of a field of an object. */
  field(object: Slot, key: WireKey): Slot {
    const { number, bit } = key;
    const { tape } = this;
    if (((tape[object + TO] ?? 0) & bit) === 0) return ABSENT;
    const end = tape[object + NEXT] ?? 0;
    for (let at = object + WIDTH; at < end; at = tape[at + WIDTH + NEXT] ?? end)
      if (tape[at + NEXT] === number) return at + WIDTH;
    return ABSENT;
  }

  /** The first item of an array; then `after` each. */
  first(array: Slot): Slot {
    return this.within(array, array + WIDTH);
  }

  /** The item of `array` after another; `ABSENT` after the last. */
  after(array: Slot, item: Slot): Slot {
    return this.within(array, this.tape[item + NEXT] ?? 0);
  }

  private within(array: Slot, slot: Slot): Slot {
    return slot < (this.tape[array + NEXT] ?? 0) ? slot : ABSENT;
  }

  /** A text, or the literal of a number. */
  literalAt(slot: Slot): string {
    const from = this.fromOf(slot);
    const to = this.toOf(slot);
    return this.tape[slot] === Token.Escaped ? this.unescaped(from, to) : copyOf(this.text, from, to);
  }

  /** The value as plain data, for what is read seldom or by others. A number that a double would change stays as written. */
  value(slot: Slot): WireValue {
    switch (this.tape[slot]) {
      case Token.Object:
        return this.objectValue(slot);
      case Token.Array: {
        const items: WireValue[] = [];
        for (let item = this.first(slot); item !== ABSENT; item = this.after(slot, item))
          items.push(this.value(item));
        return items;
      }
      case Token.Number: {
        const literal = this.literalAt(slot);
        return isExact(literal) ? Number(literal) : new NumberLexeme(literal);
      }
      case Token.True:
        return true;
      case Token.False:
        return false;
      case Token.Null:
        return null;
      default:
        return this.literalAt(slot);
    }
  }

  private objectValue(slot: Slot): WireObject {
    const fields: WireObject = {};
    const end = this.tape[slot + NEXT] ?? 0;
    for (let at = slot + WIDTH; at < end; at = this.tape[at + WIDTH + NEXT] ?? end) {
      if (this.tape[at + NEXT] === DEAD) continue;
      const key = this.literalAt(at);
      const value = this.value(at + WIDTH);
      // Assigning to `__proto__` would change the prototype instead of adding a field.
      if (key !== '__proto__') fields[key] = value;
      else
        Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return fields;
  }

  /** Of a text, from its length and five of its characters; 0 for what is none. */
  hashOf(slot: Slot): number {
    if (!this.isPlainText(slot)) return 0;
    const { codes } = this;
    const from = this.fromOf(slot);
    const length = this.toOf(slot) - from;
    let hash = length;
    for (let part = 0; part < 5; part += 1)
      hash = Math.imul(hash, 31) + (codes[from + ((part * (length - 1)) >> 2)] ?? 0);
    return (hash ^ (hash >>> 11)) & 0xffff;
  }

  /** Whether a text is the one of these codes. */
  isWritten(slot: Slot, written: Uint16Array): boolean {
    return this.isPlainText(slot) && isWritten(this.codes, this.fromOf(slot), this.toOf(slot), written);
  }

  private unescaped(from: number, to: number): string {
    return JSON.parse(this.text.slice(from - 1, to + 1)) as string; // what stands between two quotes is a string
  }
}

function afterSpace(codes: Uint16Array, from: number): number {
  let at = from;
  for (;;) {
    const code = codes[at] ?? 0;
    if (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

/** Where a key of these codes, which begins at `from`, has its closing quote; −1 if it is another. */
function endOfKey(codes: Uint16Array, from: number, key: Uint16Array | undefined): number {
  if (key === undefined) return -1;
  const { length } = key;
  for (let index = 0; index < length; index += 1) if (codes[from + index] !== key[index]) return -1;
  return codes[from + length] === Code.Quote ? from + length : -1;
}

/** Where the string that begins at `from` has its closing quote; the complement of that where it has escapes. */
function endOfString(codes: Uint16Array, from: number): number {
  let at = from;
  for (;;) {
    const code = codes[at] ?? 0;
    // Lower-case letters first: most of what keys are made of.
    if (code > Code.Backslash) at += 1;
    else if (code === Code.Quote) return at;
    else if (code === Code.Backslash) return ~endOfEscaped(codes, at);
    else if (code >= SPACE) at += 1;
    else throw new NotJson(at); // a control character, or the end of the text
  }
}

function endOfEscaped(codes: Uint16Array, from: number): number {
  let at = from;
  for (;;) {
    const code = codes[at] ?? 0;
    if (code === Code.Quote) return at;
    if (code === Code.Backslash) at = afterEscape(codes, at);
    else if (code >= SPACE) at += 1;
    else throw new NotJson(at);
  }
}

function afterEscape(codes: Uint16Array, at: number): number {
  const kind = codes[at + 1] ?? 0;
  if (kind !== Code.LowerU) {
    if (!'"\\/bfnrt'.includes(String.fromCharCode(kind))) throw new NotJson(at);
    return at + 2;
  }
  for (let digit = at + 2; digit < at + 6; digit += 1)
    if (!isHexDigit(codes[digit] ?? 0)) throw new NotJson(at);
  return at + 6;
}

function isHexDigit(code: number): boolean {
  // Letters of either case.
  const lower = code | 0x20;
  return (code >= Code.Zero && code <= Code.Nine) || (lower >= 0x61 && lower <= 0x66);
}

function kindOf(code: number): Token {
  return code === 0x74 ? Token.True : code === 0x66 ? Token.False : code === 0x6e ? Token.Null : Token.Number;
}

/** Where a number or a word ends. */
function endOfLiteral(codes: Uint16Array, text: string, code: number, from: number): number {
  const word = code === 0x74 ? 'true' : code === 0x66 ? 'false' : code === 0x6e ? 'null' : undefined;
  if (word !== undefined) {
    if (!text.startsWith(word, from)) throw new NotJson(from);
    return from + word.length;
  }
  let at = code === Code.Minus ? from + 1 : from;
  at = codes[at] === Code.Zero ? at + 1 : afterDigits(codes, at);
  let next = codes[at];
  if (next === Code.Point) next = codes[(at = afterDigits(codes, at + 1))];
  if (next !== 0x65 && next !== 0x45) return at;
  const sign = codes[at + 1];
  return afterDigits(codes, sign === Code.Plus || sign === Code.Minus ? at + 2 : at + 1);
}

/** At least one digit. */
function afterDigits(codes: Uint16Array, from: number): number {
  let at = from;
  for (;;) {
    const code = codes[at] ?? 0;
    if (!(code >= Code.Zero && code <= Code.Nine)) break;
    at += 1;
  }
  if (at === from) throw new NotJson(at);
  return at;
}

const EVERY_BIT = -1;

function isExact(literal: string): boolean {
  const length = literal.startsWith('-') ? literal.length - 1 : literal.length;
  return length <= EXACT_DIGITS && !literal.includes('e') && !literal.includes('E');
}

/** Scans are used in turn: one that reads while another is read gets its own. */
export class ScanPool<Scan extends JsonScan> {
  private readonly idle: Scan[] = [];

  constructor(private readonly make: () => Scan) {}

  /** What `read` makes of a scan of the text; the scan is good until it returns. Failure `VENUES.JSON_INVALID`. */
  read<T>(text: string, read: (scan: Scan) => T): Result<T> {
    const scan = this.idle.pop() ?? this.make();
    try {
      scan.read(text);
      return success(read(scan));
    } catch (error) {
      if (error instanceof NotJson) return failure('VENUES.JSON_INVALID', error.message);
      throw error;
    } finally {
      scan.release();
      this.idle.push(scan);
    }
  }
}
