import { IntegrityFault } from '@evenkeel/kernel';

/** Greatest magnitude that a column holds; its zigzag form is still an exact double. */
export const UNITS_MAX = 2 ** 50;

/** Integers as a column of the table holds them: differences, zigzag and base 128; a nought, then how many more follow it. */
export class ColumnWriter {
  private readonly bytes: number[] = [];
  private noughts = 0;

  add(difference: number): void {
    if (difference === 0) {
      this.noughts += 1;
      return;
    }
    this.endRun();
    this.write(zigzag(difference));
  }

  finish(): Uint8Array {
    this.endRun();
    return Uint8Array.from(this.bytes);
  }

  private endRun(): void {
    if (this.noughts === 0) return;
    this.write(0);
    this.write(this.noughts - 1);
    this.noughts = 0;
  }

  private write(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes.push((rest % 128) + 128);
    this.bytes.push(rest);
  }
}

const VARINT_BYTES_MAX = 8;

/** Reads what a `ColumnWriter` wrote. Throws `CONTRACTS.UNDECODABLE` where there is less, or more, than is asked for. */
export class ColumnReader {
  private at = 0;
  private noughts = 0;

  constructor(private readonly bytes: Uint8Array) {}

  next(): number {
    if (this.noughts > 0) {
      this.noughts -= 1;
      return 0;
    }
    const value = this.read();
    if (value === 0) this.noughts = this.read();
    return fromZigzag(value);
  }

  finish(): void {
    if (this.at !== this.bytes.length || this.noughts > 0)
      throw undecodable('a column holds as many values as the table has rows');
  }

  private read(): number {
    let value = 0;
    let place = 1;
    for (let count = 1; count <= VARINT_BYTES_MAX; count += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) break;
      this.at += 1;
      value += (byte % 128) * place;
      if (byte < 128) return value;
      place *= 128;
    }
    throw undecodable('a column ends with a whole value');
  }
}

/** Non-negative whatever the sign: 0, −1, 1, −2 … are 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(value: number): number {
  if (value === 0) return 0;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function undecodable(what: string): IntegrityFault {
  return new IntegrityFault({ code: 'CONTRACTS.UNDECODABLE', message: `not so in a snapshot: ${what}` });
}
