import { failure, success, type Result } from '@evenkeel/kernel';

/** A JSON number kept as the text that was on the wire, because a double would not hold it exactly. */
export class NumberLexeme {
  constructor(readonly text: string) {}
}

export type WireValue = null | boolean | number | string | NumberLexeme | WireValue[] | WireObject;
export interface WireObject {
  [key: string]: WireValue;
}

/**
 * Number literals that a double may not carry back to the same decimal text: more than 15 digits, or an exponent.
 * (15 significant digits always survive decimal → double → shortest decimal.) Digits inside strings that follow a
 * delimiter also match; that only costs the slower path.
 */
const INEXACT_NUMBER = /[:,[\s]-?(?:[\d.]{16,}|[\d.]+[eE])/;

const DEPTH_MAX = 64;

/**
 * Reads JSON so that no number changes: `JSON.parse` where every number literal survives a double, otherwise a parser
 * that keeps the literals. Failure `VENUES.JSON_INVALID`; never throws.
 */
export function parseExactJson(text: string): Result<WireValue> {
  if (INEXACT_NUMBER.test(text) || startsWithInexactNumber(text)) return parseKeepingLexemes(text);
  try {
    // JSON.parse yields exactly the JSON part of WireValue.
    return success(JSON.parse(text) as WireValue);
  } catch {
    return failure('VENUES.JSON_INVALID', 'the message is not JSON');
  }
}

function startsWithInexactNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first === 0x2d || (first >= 0x30 && first <= 0x39)) && text.length > 15;
}

class Stop extends Error {}

/** The slower path: recursive descent over RFC 8259, number literals kept as written. */
export function parseKeepingLexemes(text: string): Result<WireValue> {
  const cursor = { at: 0 };
  try {
    const value = readValue(text, cursor, 0);
    skipSpace(text, cursor);
    if (cursor.at !== text.length) throw new Stop();
    return success(value);
  } catch (error) {
    if (error instanceof Stop) return failure('VENUES.JSON_INVALID', `not JSON at character ${cursor.at}`);
    throw error;
  }
}

interface Cursor {
  at: number;
}

function skipSpace(text: string, cursor: Cursor): void {
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at += 1;
  }
}

function readValue(text: string, cursor: Cursor, depth: number): WireValue {
  if (depth > DEPTH_MAX) throw new Stop();
  skipSpace(text, cursor);
  switch (text[cursor.at]) {
    case '{':
      return readObject(text, cursor, depth);
    case '[':
      return readArray(text, cursor, depth);
    case '"':
      return readString(text, cursor);
    case 't':
      return readWord(text, cursor, 'true', true);
    case 'f':
      return readWord(text, cursor, 'false', false);
    case 'n':
      return readWord(text, cursor, 'null', null);
    default:
      return readNumber(text, cursor);
  }
}

function readWord<T>(text: string, cursor: Cursor, word: string, value: T): T {
  if (!text.startsWith(word, cursor.at)) throw new Stop();
  cursor.at += word.length;
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(text: string, cursor: Cursor): NumberLexeme {
  NUMBER.lastIndex = cursor.at;
  const match = NUMBER.exec(text);
  if (match === null) throw new Stop();
  cursor.at += match[0].length;
  return new NumberLexeme(match[0]);
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

function readString(text: string, cursor: Cursor): string {
  STRING.lastIndex = cursor.at;
  const match = STRING.exec(text);
  if (match === null) throw new Stop();
  cursor.at += match[0].length;
  const literal = match[0];
  // The pattern is the grammar of a JSON string, so JSON.parse yields a string.
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}

function readArray(text: string, cursor: Cursor, depth: number): WireValue[] {
  cursor.at += 1;
  const items: WireValue[] = [];
  skipSpace(text, cursor);
  if (text[cursor.at] === ']') {
    cursor.at += 1;
    return items;
  }
  for (;;) {
    items.push(readValue(text, cursor, depth + 1));
    skipSpace(text, cursor);
    const next = text[cursor.at];
    cursor.at += 1;
    if (next === ']') return items;
    if (next !== ',') throw new Stop();
  }
}

function readObject(text: string, cursor: Cursor, depth: number): WireObject {
  cursor.at += 1;
  const fields: WireObject = {};
  skipSpace(text, cursor);
  if (text[cursor.at] === '}') {
    cursor.at += 1;
    return fields;
  }
  for (;;) {
    skipSpace(text, cursor);
    const key = readString(text, cursor);
    skipSpace(text, cursor);
    if (text[cursor.at] !== ':') throw new Stop();
    cursor.at += 1;
    // defineProperty, because assigning to `__proto__` would change the prototype instead of adding a field.
    Object.defineProperty(fields, key, {
      value: readValue(text, cursor, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    skipSpace(text, cursor);
    const next = text[cursor.at];
    cursor.at += 1;
    if (next === '}') return fields;
    if (next !== ',') throw new Stop();
  }
}
