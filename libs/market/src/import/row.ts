import { InvalidInputError, tryParseInstant } from '@evenkeel/kernel';
import { decimalCell } from '../tape/csv-table';

/** Whole microseconds since 1970: exact as a double until the year 2255. */
export type Micros = number;

export type EpochUnit = 's' | 'ms' | 'us' | 'ns';

const UNITS: readonly EpochUnit[] = ['s', 'ms', 'us', 'ns'];
/** Digits of an epoch between 2001 and 2286, which tell its unit. */
const EPOCH_DIGITS: Readonly<Record<EpochUnit, number>> = { s: 10, ms: 13, us: 16, ns: 19 };
const UNIT_NAMES: Readonly<Record<EpochUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};
const EPOCH = /^\d{8,19}(?:\.\d+)?$/;
const MICROS_PER_SECOND = 1_000_000;

/** One row of a foreign file; the same object for every row of it. What it refuses, it refuses with file and line. */
export class Row {
  cells: readonly string[] = [];
  line = 0;
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    readonly file: string,
    columns: readonly string[],
    private readonly decimalComma: boolean,
  ) {
    this.places = new Map(columns.map((column, place) => [column, place]));
  }

  /** Where a column stands; refuses the file that lacks it. */
  place(column: string): number {
    const place = this.places.get(column);
    if (place === undefined)
      throw new InvalidInputError(this.file, [
        { path: `${this.file}:1`, message: `column "${column}" is missing` },
      ]);
    return place;
  }

  /** Where a column stands that a file may lack. */
  maybePlace(column: string): number | undefined {
    return this.places.get(column);
  }

  text(place: number): string {
    return (this.cells[place] ?? '').trim();
  }

  refuse(message: string): never {
    throw new InvalidInputError(this.file, [{ path: `${this.file}:${this.line}`, message }]);
  }

  /** A plain decimal; undefined where the cell is empty. */
  maybeDecimal(place: number, column: string): string | undefined {
    const cell = this.text(place);
    if (cell === '' || cell === 'NaN' || cell === 'null') return undefined;
    return this.plain(cell, column);
  }

  decimal(place: number, column: string): string {
    const cell = this.text(place);
    if (cell === '') return this.refuse(`${column} is empty`);
    return this.plain(cell, column);
  }

  /** A decimal above zero. */
  price(place: number, column: string): string {
    const price = this.decimal(place, column);
    return Number(price) > 0 ? price : this.refuse(`${column} "${price}" is not a price`);
  }

  /** A decimal above zero: of what was traded. */
  amount(place: number, column: string): string {
    const amount = this.decimal(place, column);
    return Number(amount) > 0 ? amount : this.refuse(`${column} "${amount}" is no amount that was traded`);
  }

  private plain(cell: string, column: string): string {
    const written = this.decimalComma ? cell.replace(',', '.') : cell;
    const plain = decimalCell(written);
    if (plain !== undefined) return plain;
    const hint = /^-?\d+,\d+$/.test(cell) ? ': where that is a decimal comma, say --decimal comma' : '';
    return this.refuse(`${column} "${cell}" is not a number${hint}`);
  }

  /** A time as an epoch in one of the units that the format writes, or as ISO 8601. */
  time(place: number, column: string, units: readonly EpochUnit[]): Micros {
    return this.timeOf(this.text(place), column, units);
  }

  timeOf(cell: string, column: string, units: readonly EpochUnit[]): Micros {
    if (EPOCH.test(cell)) return this.epoch(cell, column, units);
    const instant = tryParseInstant(cell);
    return instant === undefined ? this.refuse(`${column} "${cell}" is not a time`) : Number(instant / 1000n);
  }

  private epoch(cell: string, column: string, units: readonly EpochUnit[]): Micros {
    const [whole = '', fraction = ''] = cell.split('.');
    const unit = UNITS.find((one) => EPOCH_DIGITS[one] === whole.length);
    if (unit === undefined || !units.includes(unit)) {
      const seems = unit === undefined ? 'is no time of this century' : `looks like ${UNIT_NAMES[unit]}`;
      const said = units.length === 0 ? 'a day' : units.map((one) => UNIT_NAMES[one]).join(' or ');
      return this.refuse(`${column} "${cell}" ${seems}; the format says ${said}`);
    }
    switch (unit) {
      case 's':
        return Number(whole) * MICROS_PER_SECOND + Number(fraction.padEnd(6, '0').slice(0, 6));
      case 'ms':
        return Number(whole) * 1000;
      case 'us':
        return Number(whole);
      case 'ns':
        return Number(whole.slice(0, -3));
    }
  }
}
