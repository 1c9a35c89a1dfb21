import { AssertionFault, utf8 } from '@evenkeel/kernel';

export type Column = Uint8Array | Uint32Array | Float64Array | BigInt64Array;
type ColumnOf<T extends Column> = new (buffer: ArrayBufferLike, start: number, length: number) => T;

/** Columns begin where a double may stand. */
const ALIGNED = 8;

/** Texts and columns after one another, each with its length before it. Read again in the order they were written in. */
export function columnBytes(parts: readonly (string | Column)[]): Uint8Array {
  const columns = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  const size = columns.reduce((sum, { byteLength }) => sum + ALIGNED + aligned(byteLength), 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let position = 0;
  for (const { buffer, byteOffset, byteLength } of columns) {
    view.setFloat64(position, byteLength, true);
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), position + ALIGNED);
    position += ALIGNED + aligned(byteLength);
  }
  return bytes;
}

const aligned = (length: number): number => Math.ceil(length / ALIGNED) * ALIGNED;

/** Reads in place: a column is a view of the bytes, which begin at a multiple of eight in their buffer. */
export class ColumnReader {
  private position = 0;
  private readonly view: DataView;

  /** `decode`: UTF-8 as text, which every platform has and each in its own way. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly decode: (bytes: Uint8Array) => string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  text(): string {
    return this.decode(this.column(Uint8Array, 1));
  }

  column<T extends Column>(type: ColumnOf<T>, width: number): T {
    const start = this.position + ALIGNED;
    const length = start <= this.bytes.length ? this.view.getFloat64(this.position, true) : -1;
    if (!(length >= 0 && start + length <= this.bytes.length))
      throw new AssertionFault('the columns of a tape are as long as they say');
    this.position = start + aligned(length);
    return new type(this.bytes.buffer, this.bytes.byteOffset + start, length / width);
  }
}

/** A column that is being written. */
export class GrowingColumn {
  private cells = new Uint32Array(1024);
  length = 0;

  push(cell: number): void {
    if (this.length === this.cells.length) {
      const wider = new Uint32Array(this.length * 2);
      wider.set(this.cells);
      this.cells = wider;
    }
    this.cells[this.length] = cell;
    this.length += 1;
  }

  done(): Uint32Array {
    return this.cells.subarray(0, this.length);
  }
}

/** Texts by number, from 1, each kept once; 0 stands for none. */
export class TextTable {
  private readonly numbers = new Map<string, number>();

  numberOf(text: string | undefined): number {
    if (text === undefined) return 0;
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.numbers.size + 1;
      this.numbers.set(text, number);
    }
    return number;
  }

  /** All of them after one another, and where each ends. */
  parts(): readonly [string, Uint32Array] {
    const ends = new GrowingColumn();
    let end = 0;
    for (const text of this.numbers.keys()) {
      end += text.length;
      ends.push(end);
    }
    return [[...this.numbers.keys()].join(''), ends.done()];
  }
}

/** The texts of a table that was written: each is made when it is first asked for, and is the same one from then on. */
export class WrittenTexts {
  private readonly made: (string | undefined)[] = [];

  constructor(
    private readonly text: string,
    private readonly ends: Uint32Array,
  ) {}

  at(number: number): string {
    const text = this.optional(number);
    if (text === undefined) throw new AssertionFault('a column that may not be empty has a text');
    return text;
  }

  optional(number: number): string | undefined {
    if (number === 0) return undefined;
    return (this.made[number] ??= this.text.slice(this.ends[number - 2] ?? 0, this.ends[number - 1]));
  }
}
