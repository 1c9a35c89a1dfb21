import { Buffer } from 'node:buffer';

const SIGNATURE_BYTES = 11;
const HEADER_BYTES = SIGNATURE_BYTES + 8;
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const END = -1;

/**
 * Collects what a binary COPY sends, row by row as the server does: the driver's buffer is used again, so the bytes are copied
 * once, into one buffer for many rows.
 */
export class CopiedOut {
  private buffer: Buffer;
  private length = 0;

  constructor(size = 64 * 1024) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  readonly add = (chunk: Uint8Array): void => {
    if (this.length + chunk.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + chunk.length));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    this.buffer.set(chunk, this.length);
    this.length += chunk.length;
  };

  /** The rows alone, without header and trailer. */
  rows(): Buffer {
    return rowsOf(this.buffer.subarray(0, this.length));
  }
}

/** The rows of binary COPY data, without its header and trailer. */
export function rowsOf(copied: Buffer): Buffer {
  return copied.subarray(
    Math.min(HEADER_BYTES, copied.length),
    Math.max(HEADER_BYTES, copied.length - COUNT_BYTES),
  );
}

/** Reads rows of binary COPY data field by field, in place. */
export class CopiedReader {
  private at = 0;

  constructor(private readonly data: Buffer) {}

  /** Begins the next row; false after the last. */
  next(): boolean {
    if (this.at >= this.data.length || this.data.readInt16BE(this.at) === END) return false;
    this.at += COUNT_BYTES;
    return true;
  }

  get position(): number {
    return this.at;
  }

  /** The bytes of the next field; undefined for NULL. They stay where they are. */
  field(): Buffer | undefined {
    const length = this.data.readInt32BE(this.at);
    this.at += LENGTH_BYTES;
    if (length < 0) return undefined;
    const field = this.data.subarray(this.at, this.at + length);
    this.at += length;
    return field;
  }

  bytes(): Buffer {
    return this.field() ?? Buffer.alloc(0);
  }

  text(): string {
    const length = this.data.readInt32BE(this.at);
    this.at += LENGTH_BYTES + length;
    return this.data.toString('utf8', this.at - length, this.at);
  }

  int8(): number {
    this.at += LENGTH_BYTES + 8;
    return this.data.readInt32BE(this.at - 8) * 0x1_0000_0000 + this.data.readUInt32BE(this.at - 4);
  }

  /** Hyphenated hexadecimal. */
  uuid(): string {
    this.at += LENGTH_BYTES + 16;
    const hex = this.data.toString('hex', this.at - 16, this.at);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** The text of a `jsonb`, which begins with its version. */
  jsonb(): string {
    const length = this.data.readInt32BE(this.at);
    this.at += LENGTH_BYTES + length;
    return this.data.toString('utf8', this.at - length + 1, this.at);
  }
}
