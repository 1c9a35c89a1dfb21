import type { Message } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { AssertionFault, EvenkeelError, isInherited } from '@evenkeel/kernel';

/** A message as a plain object: camelCase fields, no `$typeName`. */
export type PlainMessage = { [field: string]: unknown };

/** How a message is written and read: generated from its schema by `codecs.mjs`. `M` is its type as protobuf-es has it. */
export interface MessageCodec<M extends Message = Message> {
  readonly typeName: M['$typeName'];
  /** Never there: for the type alone. */
  readonly message?: M;
  write(writer: WireWriter, value: PlainMessage): void;
  /** Reads up to `end`, with every proto3 default filled in. */
  read(reader: WireReader, end: number): PlainMessage;
}

const utf8Text = getTextEncoding();
const STRICT = true;

/** What is not UTF-8 is refused, not mended: another text would stand for the bytes that were signed. */
function strictText(bytes: Uint8Array): string {
  try {
    return utf8Text.decodeUtf8(bytes, STRICT);
  } catch (error) {
    throw new AssertionFault(`a text is UTF-8 (${String(error)})`);
  }
}

export const NO_BYTES = new Uint8Array(0);

/** A message that stands in a field of type bytes: written where it stands, without bytes of its own in between. */
export class Embedded {
  constructor(
    readonly codec: MessageCodec,
    readonly value: object,
  ) {}
}

const SLAB_BYTES = 1 << 18;
/** Room that a message begins with at least: one that does not fit is moved while it is written. */
const ROOM_BYTES = 1 << 13;
/** A tag, and a length or a varint behind it. */
const HEADER_BYTES = 5 + 10;

/**
 * Protobuf's wire format, written one message behind the other into slabs of which each message is given its part: a buffer of its
 * own for every message is memory outside the engine's heap, and making and collecting those was 10 % of a lab run. The checks of
 * each field are here, so that generated code is one call a field.
 */
export class WireWriter {
  private bytesOfSlab = NO_BYTES;
  private view = new DataView(NO_BYTES.buffer);
  /** Where the message begins that is written now. */
  private start = 0;
  private at = 0;
  /** Of the message before. */
  private length = 0;

  /** The message's own bytes, which nobody else is given. */
  encode(codec: MessageCodec, value: object): Uint8Array {
    const wanted = Math.max(ROOM_BYTES, 2 * this.length);
    if (this.bytesOfSlab.length - this.start < wanted) {
      this.start = 0;
      this.renew(Math.max(SLAB_BYTES, 2 * wanted));
    }
    this.at = this.start;
    codec.write(this, value as PlainMessage); // plain by contract; every field is checked where it is written
    const message = this.bytesOfSlab.subarray(this.start, this.at);
    this.start = this.at;
    this.length = message.length;
    return message;
  }

  has(entry: unknown, field: string): boolean {
    if (entry === undefined || entry === null) return false;
    if (typeof entry !== 'object') throw wrong(field, entry);
    return true;
  }

  list(entry: unknown, field: string): readonly unknown[] {
    if (entry === undefined || entry === null) return [];
    if (!Array.isArray(entry)) throw wrong(field, entry);
    return entry;
  }

  /** Begins a message inside the message; its length is put in front by `close`, which is told where that is. */
  open(tag: number): number {
    this.room(HEADER_BYTES);
    this.varint(tag);
    return this.at++;
  }

  close(from: number): void {
    const length = this.at - from - 1;
    if (length >= 0x80) {
      const wider = widthOf(length) - 1;
      this.room(wider);
      this.bytesOfSlab.copyWithin(from + 1 + wider, from + 1, this.at);
      this.at = from;
      this.varint(length);
      this.at += length;
    } else this.bytesOfSlab[from] = length;
  }

  /** Text that state may be keyed by: what every object answers to would be found without having been put there. */
  name(tag: number, entry: unknown, field: string, always: boolean): void {
    if (typeof entry === 'string' && isInherited(entry)) throw unsafeName(field, entry);
    this.text(tag, entry, field, always);
  }

  text(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (entry === '' && !always)) return;
    if (typeof entry !== 'string') throw wrong(field, entry);
    const { length } = entry;
    this.room(HEADER_BYTES + length);
    const bytes = this.bytesOfSlab;
    const from = this.at;
    this.varint(tag);
    this.varint(length);
    let { at } = this;
    for (let index = 0; index < length; index += 1) {
      const code = entry.charCodeAt(index);
      if (code >= 0x80) {
        this.at = from;
        return this.bytes(tag, utf8Text.encodeUtf8(entry), field, always);
      }
      bytes[at++] = code;
    }
    this.at = at;
  }

  bytes(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null) return;
    if (entry instanceof Embedded) {
      const { at } = this;
      const from = this.open(tag);
      entry.codec.write(this, entry.value as PlainMessage); // as in `encode`
      if (this.at === from + 1 && !always) this.at = at;
      else this.close(from);
      return;
    }
    if (!(entry instanceof Uint8Array)) throw wrong(field, entry);
    if (entry.length === 0 && !always) return;
    this.room(HEADER_BYTES + entry.length);
    this.varint(tag);
    this.varint(entry.length);
    this.bytesOfSlab.set(entry, this.at);
    this.at += entry.length;
  }

  double(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (Object.is(entry, 0) && !always)) return;
    if (typeof entry !== 'number') throw wrong(field, entry);
    this.room(HEADER_BYTES);
    this.varint(tag);
    this.view.setFloat64(this.at, entry, true);
    this.at += 8;
  }

  uint32(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (entry === 0 && !always)) return;
    if (typeof entry !== 'number' || entry !== entry >>> 0) throw wrong(field, entry);
    this.room(HEADER_BYTES);
    this.varint(tag);
    this.varint(entry);
  }

  bool(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (entry === false && !always)) return;
    if (typeof entry !== 'boolean') throw wrong(field, entry);
    this.room(HEADER_BYTES);
    this.varint(tag);
    this.bytesOfSlab[this.at++] = entry ? 1 : 0;
  }

  uint64(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (entry === 0n && !always)) return;
    if (typeof entry !== 'bigint' || entry !== BigInt.asUintN(64, entry)) throw wrong(field, entry);
    this.room(HEADER_BYTES);
    this.varint(tag);
    let [low, high] = [Number(entry & 0xffff_ffffn), Number(entry >> 32n)];
    while (high > 0) {
      this.bytesOfSlab[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.varint(low);
  }

  sfixed64(tag: number, entry: unknown, field: string, always: boolean): void {
    if (entry === undefined || entry === null || (entry === 0n && !always)) return;
    if (typeof entry !== 'bigint' || entry !== BigInt.asIntN(64, entry)) throw wrong(field, entry);
    this.room(HEADER_BYTES);
    this.varint(tag);
    this.view.setBigInt64(this.at, entry, true);
    this.at += 8;
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.bytesOfSlab[this.at++] = (rest & 0x7f) | 0x80;
    this.bytesOfSlab[this.at++] = rest;
  }

  private room(more: number): void {
    if (this.at + more > this.bytesOfSlab.length) this.grow(more);
  }

  /** The message goes on at the same place of a larger slab: what was given out stays where it is. */
  private grow(more: number): void {
    const written = this.bytesOfSlab.subarray(this.start, this.at);
    this.renew(this.start + 2 * (written.length + more));
    this.bytesOfSlab.set(written, this.start);
  }

  private renew(size: number): void {
    this.bytesOfSlab = new Uint8Array(size);
    this.view = new DataView(this.bytesOfSlab.buffer);
  }
}

function widthOf(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
}

function wrong(field: string, entry: unknown): AssertionFault {
  return new AssertionFault(`field ${field} holds its declared type, not ${typeof entry} ${String(entry)}`);
}

function unsafeName(field: string, entry: string): EvenkeelError {
  return new EvenkeelError({
    code: 'CONTRACTS.UNSAFE_NAME',
    message: `${field} is "${entry}", a name that every object has`,
  });
}

const TAG_BYTES = 5;

/**
 * Texts read lately, by a few of their bytes. Nine in ten texts of a journal were read before (names, hashes, ids of what is
 * answered, times), and holding bytes against a text that is there takes a fifth of making it: decoding takes two thirds of the
 * time. Only texts of a byte a character are kept, so that what agrees byte for byte is UTF-8.
 */
const LATELY = 4096;
const textsRead = new Array<string>(LATELY).fill('');
/** Longest that is kept: hashes in hex. */
const KEPT_TEXT = 64;

const eightBytes = new Uint8Array(8);
const eightView = new DataView(eightBytes.buffer);

/** Reads Protobuf's wire format; whatever is malformed throws. */
export class WireReader {
  at = 0;

  constructor(private readonly source: Uint8Array) {}

  tag(): number {
    const from = this.at;
    const tag = this.varint();
    const width = this.at - from;
    if (width > TAG_BYTES || (width === TAG_BYTES && (this.source[this.at - 1] ?? 0) > 0x0f))
      throw new AssertionFault('a tag has 32 bits at most');
    return tag;
  }

  /** Where the message inside the message ends. */
  span(): number {
    const length = this.varint();
    return this.within(this.at + length);
  }

  ended(end: number): void {
    if (this.at !== end) throw new AssertionFault('a message ends where its length says');
  }

  /** Passes a field over that the schema does not have; one that it has is of another wire type. */
  other(tag: number, known: readonly number[]): void {
    const number = tag >>> 3;
    if (number === 0) throw new AssertionFault('fields are numbered from 1');
    if (known.includes(number))
      throw new AssertionFault(`field ${number} has the wire type that its schema says, not ${tag & 7}`);
    this.pass(tag & 7);
  }

  name(field: string): string {
    const entry = this.text();
    if (isInherited(entry)) throw unsafeName(field, entry);
    return entry;
  }

  text(): string {
    const length = this.varint();
    const from = this.at;
    const end = this.within(from + length);
    this.at = end;
    if (length === 0) return '';
    const { source } = this;
    if (length > KEPT_TEXT) return strictText(source.subarray(from, end));
    const place = placeOf(source, from, length);
    const known = textsRead[place] ?? '';
    if (known.length === length && isWritten(known, source, from)) return known;
    const text = strictText(source.subarray(from, end));
    if (text.length === length) textsRead[place] = text;
    return text;
  }

  /** A view into what is read. */
  bytes(): Uint8Array {
    const length = this.varint();
    const from = this.at;
    this.at = this.within(from + length);
    return this.source.subarray(from, this.at);
  }

  double(): number {
    return this.eight().getFloat64(0, true);
  }

  uint32(): number {
    return this.varint();
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  uint64(): bigint {
    const { source } = this;
    const low = source[this.at] ?? 0x80;
    if (low < 0x80) {
      this.at += 1;
      return BigInt(low);
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = source[this.at];
      if (byte === undefined) throw cutShort();
      this.at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new AssertionFault('a varint has ten bytes at most');
  }

  sfixed64(): bigint {
    return this.eight().getBigInt64(0, true);
  }

  /** A view of every message's bytes would cost more than copying the few that are read by it. */
  private eight(): DataView {
    const from = this.at;
    this.at = this.within(from + 8);
    for (let at = 0; at < 8; at += 1) eightBytes[at] = this.source[from + at] ?? 0;
    return eightView;
  }

  /** The lower 32 bits of a varint. */
  private varint(): number {
    const { source } = this;
    let byte = source[this.at] ?? 0x80;
    if (byte < 0x80) {
      this.at += 1;
      return byte;
    }
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      byte = source[this.at] ?? 0x100;
      if (byte === 0x100) throw cutShort();
      this.at += 1;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new AssertionFault('a varint has ten bytes at most');
  }

  private within(end: number): number {
    if (end > this.source.length) throw cutShort();
    return end;
  }

  private pass(wireType: number): void {
    if (wireType === 0) this.uint64();
    else if (wireType === 1) this.at = this.within(this.at + 8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.at = this.within(this.at + 4);
    else throw new AssertionFault(`wire type ${wireType} is one that proto3 writes`);
  }
}

/** By bytes that tell texts from each other: of ids and names the end does it better than the beginning. */
function placeOf(source: Uint8Array, from: number, length: number): number {
  const end = from + length;
  const last = (source[end - 1] ?? 0) + ((source[end - 2] ?? 0) << 5) + ((source[end - 4] ?? 0) << 9);
  const middle = (source[from] ?? 0) + ((source[from + (length >> 1)] ?? 0) << 6) + (length << 12);
  const mixed = Math.imul(last + Math.imul(middle, 0x9e3779b1), 0x85ebca6b);
  return mixed >>> 20;
}

function isWritten(text: string, source: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== source[from + at]) return false;
  return true;
}

function cutShort(): AssertionFault {
  return new AssertionFault('the bytes go on to where they say');
}

const writer = new WireWriter();

/**
 * Encodes a plain object as protobuf-es would encode the message (a test holds the two together): fields in number order,
 * proto3 defaults left out. Repeated numbers are written one by one, where protobuf-es
 * packs them, and read only so.
 */
export function encodePlain(codec: MessageCodec, value: object): Uint8Array {
  return writer.encode(codec, value);
}

/** Decodes into a plain object with every proto3 default filled in. Throws on malformed bytes. */
export function decodePlain(codec: MessageCodec, bytes: Uint8Array): PlainMessage {
  return codec.read(new WireReader(bytes), bytes.length);
}
