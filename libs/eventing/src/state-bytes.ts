import { IntegrityFault } from '@evenkeel/kernel';

const CHUNK = 4_096;
const SEVEN_BITS = 128;

/** A buffer that grows; what the state codec writes into. */
export class ByteWriter {
  private bytes = new Uint8Array(65_536);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A natural number up to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= SEVEN_BITS) {
      this.bytes[this.length++] = (rest % SEVEN_BITS) | SEVEN_BITS;
      rest = Math.floor(rest / SEVEN_BITS);
    }
    this.bytes[this.length++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A natural number of any size: how many hexadecimal digits, then the digits, two a byte. */
  bigNatural(value: bigint): void {
    if (value <= 0xffff_ffff_ffffn) {
      this.byte(0);
      this.varint(Number(value));
      return;
    }
    const digits = value.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    this.byte(1);
    this.varint(even.length / 2);
    this.reserve(even.length / 2);
    for (let index = 0; index < even.length; index += 2)
      this.bytes[this.length++] = Number.parseInt(even.slice(index, index + 2), 16);
  }

  /** One byte a character; every character is below 256. */
  latin(text: string): void {
    this.reserve(text.length);
    for (let index = 0; index < text.length; index += 1) this.bytes[this.length++] = text.charCodeAt(index);
  }

  /** Two bytes a character, as the language has them: unpaired surrogates survive. */
  wide(text: string): void {
    this.reserve(text.length * 2);
    for (let index = 0; index < text.length; index += 1) {
      this.view.setUint16(this.length, text.charCodeAt(index), true);
      this.length += 2;
    }
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Reads what a `ByteWriter` wrote; past the end throws. */
export class ByteReader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  varint(): number {
    let value = 0;
    let unit = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.byte();
      value += (byte % SEVEN_BITS) * unit;
      if (byte < SEVEN_BITS) return value;
      unit *= SEVEN_BITS;
    }
    throw cut();
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  bigNatural(): bigint {
    if (this.byte() === 0) return BigInt(this.varint());
    const length = this.varint();
    const from = this.take(length);
    let digits = '0x0';
    for (let index = 0; index < length; index += 1)
      digits += (this.bytes[from + index] ?? 0).toString(16).padStart(2, '0');
    return BigInt(digits);
  }

  latin(length: number): string {
    const from = this.take(length);
    let text = '';
    for (let index = 0; index < length; index += CHUNK)
      text += String.fromCharCode(
        ...this.bytes.subarray(from + index, from + Math.min(index + CHUNK, length)),
      );
    return text;
  }

  wide(length: number): string {
    const from = this.take(length * 2);
    let text = '';
    for (let index = 0; index < length; index += 1)
      text += String.fromCharCode(this.view.getUint16(from + index * 2, true));
    return text;
  }

  raw(length: number): Uint8Array {
    const from = this.take(length);
    return new Uint8Array(this.bytes.subarray(from, from + length));
  }

  private take(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) throw cut();
    this.at = from + count;
    return from;
  }
}

function cut(): IntegrityFault {
  return new IntegrityFault({
    code: 'EVENTING.SNAPSHOT_UNREADABLE',
    message: 'these bytes are no state: they end too early or hold a number that is too long',
  });
}
