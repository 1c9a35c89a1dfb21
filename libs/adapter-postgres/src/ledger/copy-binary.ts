import { Buffer } from 'node:buffer';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
const JSONB_VERSION = 1;

/**
 * Rows in PostgreSQL's binary COPY format: no escaping, no hexadecimal, so a bytea costs its own length. Fields are
 * written in column order; `take` hands over what has been written so far and starts a new buffer.
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

  text(value: string): void {
    // UTF-8 needs at most three bytes per UTF-16 unit.
    this.reserve(4 + value.length * 3);
    const written = this.buffer.write(value, this.length + 4, 'utf8');
    this.buffer.writeInt32BE(written, this.length);
    this.length += 4 + written;
  }

  jsonb(value: string): void {
    this.reserve(5 + value.length * 3);
    const written = this.buffer.write(value, this.length + 5, 'utf8');
    this.buffer.writeInt32BE(written + 1, this.length);
    this.buffer[this.length + 4] = JSONB_VERSION;
    this.length += 5 + written;
  }

  bytea(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.length = this.buffer.writeInt32BE(value.length, this.length);
    this.append(value);
  }

  int8(value: number): void {
    this.reserve(12);
    this.length = this.buffer.writeInt32BE(8, this.length);
    this.length = this.buffer.writeBigInt64BE(BigInt(value), this.length);
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
