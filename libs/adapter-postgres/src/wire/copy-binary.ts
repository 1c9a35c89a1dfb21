import { Buffer } from 'node:buffer';
import { writeNumeric } from './numeric';
import { postgresMicros } from './timestamp';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
const JSONB_VERSION = 1;
const TEXT_OID = 25;
/** Longer texts are encoded by the platform, shorter ones here: a call out costs as much as 40 letters. */
const SHORT_TEXT = 40;
const TWO_32 = 0x1_0000_0000;

/**
 * Rows in PostgreSQL's binary COPY format: no escaping, no hexadecimal, so a bytea costs its own length, and the server
 * parses nothing. Fields are written in column order; `take` hands over what has been written so far and starts a new buffer.
 */
export class BinaryCopy {
  private buffer: Buffer;
  private length = 0;

  constructor(private readonly size = 96 * 1024) {
    this.buffer = Buffer.allocUnsafe(size);
    this.append(HEADER);
  }

  get pending(): number {
    return this.length;
  }

  row(fields: number): void {
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(fields, this.length);
  }

  null(): void {
    this.reserve(4);
    this.length = this.buffer.writeInt32BE(-1, this.length);
  }

  text(value: string): void {
    // UTF-8 needs at most three bytes per UTF-16 unit.
    this.reserve(4 + value.length * 3);
    const written = this.utf8(value, this.length + 4);
    this.buffer.writeInt32BE(written, this.length);
    this.length += 4 + written;
  }

  jsonb(value: string): void {
    this.reserve(5 + value.length * 3);
    const written = this.utf8(value, this.length + 5);
    this.buffer.writeInt32BE(written + 1, this.length);
    this.buffer[this.length + 4] = JSONB_VERSION;
    this.length += 5 + written;
  }

  textArray(values: readonly string[]): void {
    const start = this.length;
    const rank = values.length === 0 ? 0 : 1;
    this.reserve(24);
    let at = this.buffer.writeInt32BE(rank, start + 4);
    at = this.buffer.writeInt32BE(0, at); // no nulls
    at = this.buffer.writeInt32BE(TEXT_OID, at);
    if (rank === 1) {
      at = this.buffer.writeInt32BE(values.length, at);
      at = this.buffer.writeInt32BE(1, at); // the first has index 1
    }
    this.length = at;
    for (const value of values) this.text(value);
    this.buffer.writeInt32BE(this.length - start - 4, start);
  }

  bytea(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.length = this.buffer.writeInt32BE(value.length, this.length);
    this.append(value);
  }

  int4(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeInt32BE(4, this.length);
    this.length = this.buffer.writeInt32BE(value, this.length);
  }

  int8(value: number): void {
    this.reserve(12);
    this.length = this.buffer.writeInt32BE(8, this.length);
    this.length = this.buffer.writeInt32BE(Math.floor(value / TWO_32), this.length);
    this.length = this.buffer.writeUInt32BE(value >>> 0, this.length);
  }

  float8(value: number): void {
    this.reserve(12);
    this.length = this.buffer.writeInt32BE(8, this.length);
    // Text knows no negative zero.
    this.length = this.buffer.writeDoubleBE(value + 0, this.length);
  }

  bool(value: boolean): void {
    this.reserve(5);
    this.length = this.buffer.writeInt32BE(1, this.length);
    this.length = this.buffer.writeUInt8(value ? 1 : 0, this.length);
  }

  /** A decimal as people write it. Throws for what is none. */
  numeric(value: string): void {
    this.reserve(16 + value.length * 2);
    const written = writeNumeric(value, this.buffer, this.length + 4);
    this.buffer.writeInt32BE(written, this.length);
    this.length += 4 + written;
  }

  /** ISO 8601 in UTC, to the microsecond. Throws for what is none. */
  timestamptz(value: string): void {
    this.int8(postgresMicros(value));
  }

  /** Hyphenated hexadecimal. */
  uuid(value: string): void {
    this.reserve(20);
    this.length = this.buffer.writeInt32BE(16, this.length);
    this.length += this.buffer.write(value.replaceAll('-', ''), this.length, 'hex');
  }

  end(): void {
    this.reserve(2);
    this.append(TRAILER);
  }

  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafe(this.size);
    this.length = 0;
    return taken;
  }

  private utf8(value: string, at: number): number {
    if (value.length <= SHORT_TEXT) {
      let index = 0;
      for (; index < value.length; index += 1) {
        const unit = value.charCodeAt(index);
        if (unit > 0x7f) break;
        this.buffer[at + index] = unit;
      }
      if (index === value.length) return index;
    }
    return this.buffer.write(value, at, 'utf8');
  }

  private append(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
