/** FIX 4.4 on the wire: `tag=value` fields, BodyLength and CheckSum. Values stay text: no number is read here. */

export type FixField = readonly [tag: number, value: string];

export const BEGIN_STRING = 'FIX.4.4';
const SOH = '\u0001';
const MESSAGE_BYTES_MAX = 65_536;

/** Fields that say how many bytes the next field has, which may then hold the separator itself. */
const LENGTHS = new Set([90, 93, 95, 212, 348, 350, 352, 354, 356, 358, 360, 362, 364, 445, 618, 621]);

export class FixMessage {
  constructor(readonly fields: readonly FixField[]) {}

  /** The first of that tag; undefined where there is none or it is empty. */
  text(tag: number): string | undefined {
    const value = this.fields.find(([found]) => found === tag)?.[1];
    return value === '' ? undefined : value;
  }

  /** Whether a tag stands there more than once. */
  repeats(tag: number): boolean {
    return this.fields.filter(([found]) => found === tag).length > 1;
  }

  /** A whole number without sign; undefined for anything else. */
  count(tag: number): number | undefined {
    const text = this.text(tag);
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  get type(): string {
    return this.text(35) ?? '';
  }

  toString(): string {
    return this.fields.map(([tag, value]) => `${tag}=${SECRETS.has(tag) ? '***' : value}`).join('|');
  }
}

const SECRETS = new Set([96, 554, 925]);

/** `fields` from MsgType (35) on, without 8, 9 and 10. */
export function encodeFix(fields: readonly FixField[]): Buffer {
  const body = fields.map(([tag, value]) => `${tag}=${value}${SOH}`).join('');
  const head = `8=${BEGIN_STRING}${SOH}9=${Buffer.byteLength(body, 'latin1')}${SOH}`;
  const text = `${head}${body}`;
  return Buffer.from(`${text}10=${checkSumOf(text)}${SOH}`, 'latin1');
}

function checkSumOf(text: string): string {
  let total = 0;
  for (let at = 0; at < text.length; at += 1) total += text.charCodeAt(at);
  return String(total % 256).padStart(3, '0');
}

/** Bytes that are no message; the standard has them passed over, and the gap that they leave asked for again. */
export interface Garbled {
  readonly garbled: string;
}

const HEAD = /^8=([^\u0001]{1,16})\u00019=(\d{1,6})\u0001/;
const TRAILER = /^10=(\d{3})\u0001/;
const TRAILER_BYTES = 7;
/** Where another message begins. */
const NEXT = `${SOH}8=FIX`;

/** Cuts a stream of bytes into messages, in whatever pieces it comes. */
export class FixReader {
  private rest = '';

  push(bytes: Buffer): readonly (FixMessage | Garbled)[] {
    this.rest += bytes.toString('latin1');
    const found: (FixMessage | Garbled)[] = [];
    for (let next = this.next(); next !== undefined; next = this.next()) found.push(next);
    return found;
  }

  private next(): FixMessage | Garbled | undefined {
    if (this.rest === '') return undefined;
    const head = HEAD.exec(this.rest);
    if (head === null) return this.rest.length < 32 ? this.wait() : this.skip('no header');
    const bodyAt = head[0].length;
    const length = Number(head[2]);
    if (length > MESSAGE_BYTES_MAX) return this.skip(`BodyLength ${length}`);
    const trailerAt = bodyAt + length;
    if (this.rest.length < trailerAt + TRAILER_BYTES) return this.wait();
    const trailer = TRAILER.exec(this.rest.slice(trailerAt, trailerAt + TRAILER_BYTES));
    if (trailer === null) return this.skip(`BodyLength ${length} does not end at a CheckSum`);
    const expected = checkSumOf(this.rest.slice(0, trailerAt));
    if (trailer[1] !== expected) return this.skip(`CheckSum ${trailer[1]} where the bytes have ${expected}`);
    const fields = fieldsOf(this.rest.slice(bodyAt, trailerAt));
    if (fields === undefined) return this.skip('a field that is not tag=value');
    this.rest = this.rest.slice(trailerAt + TRAILER_BYTES);
    return new FixMessage([[8, head[1] ?? ''], ...fields]);
  }

  /** A message that is announced longer than it is must not wait for the one after it. */
  private wait(): Garbled | undefined {
    const next = /\u000110=\d{3}\u0001(?=8=FIX)/.exec(this.rest);
    return next === null ? undefined : this.skip('BodyLength reaches into the next message');
  }

  private skip(garbled: string): Garbled {
    const next = this.rest.indexOf(NEXT, 1);
    this.rest = next < 0 ? '' : this.rest.slice(next + 1);
    return { garbled };
  }
}

function fieldsOf(body: string): readonly FixField[] | undefined {
  const fields: FixField[] = [];
  let bytes: number | undefined;
  for (let at = 0; at < body.length;) {
    const equals = body.indexOf('=', at);
    const tag = equals < 0 ? '' : body.slice(at, equals);
    if (!/^[1-9]\d{0,5}$/.test(tag)) return undefined;
    const end = bytes === undefined ? body.indexOf(SOH, equals) : equals + 1 + bytes;
    if (end < 0 || body[end] !== SOH) return undefined;
    const value = body.slice(equals + 1, end);
    fields.push([Number(tag), value]);
    bytes = LENGTHS.has(Number(tag)) && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
    at = end + 1;
  }
  return fields;
}
