import { Decimal, parseInstant, required, tryParseInstant } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import type { TapeManifest } from '../src/files/tape-manifest';

/** One way to spoil a file; undefined where this place holds nothing to spoil. */
export interface Mutation<Content> {
  readonly kind: string;
  readonly field: string;
  /** How often it can come out otherwise; as often as asked where absent. */
  readonly times?: number;
  readonly mutate: (random: Random) => Content | undefined;
}

const SCALES = [10, 100, 1000] as const;
const EPOCHS = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;
const NUMBER = /^-?\d+(\.\d+)?$/;

function scaled(cell: string, factor: string): string | undefined {
  if (!NUMBER.test(cell)) return undefined;
  const product = Decimal.parse(cell).times(Decimal.parse(factor)).toString();
  return Number(product) === Number(cell) ? undefined : product;
}

function counted(cell: string, unit: bigint): string | undefined {
  return tryParseInstant(cell) === undefined ? undefined : String(parseInstant(cell) / unit);
}

type Rows = readonly (readonly string[])[];

/** Everything that can befall one table: `time` names its column of times. */
export function tableMutations(text: string, input: string, time: string): readonly Mutation<string>[] {
  const all = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const header = required(all[0], 'a header');
  const rows = all.slice(1);
  const written = (names: readonly string[], body: Rows): string =>
    `${[names, ...body].map((row) => row.join(',')).join('\n')}\n`;
  const change = (
    random: Random,
    alter: (row: readonly string[]) => readonly (readonly string[])[] | undefined,
  ): string | undefined => {
    const place = random.integer(rows.length);
    const altered = alter(required(rows[place], 'a row'));
    if (altered === undefined) return undefined;
    const mutant = written(header, [...rows.slice(0, place), ...altered, ...rows.slice(place + 1)]);
    return mutant === written(header, rows) ? undefined : mutant;
  };
  const cellOf =
    (column: number, alter: (cell: string, row: readonly string[]) => string | undefined) =>
    (random: Random) =>
      change(random, (row) => {
        const cell = alter(row[column] ?? '', row);
        return cell === undefined ? undefined : [row.map((old, index) => (index === column ? cell : old))];
      });
  const columnOf =
    (columns: readonly number[], alter: (cell: string, row: readonly string[]) => string | undefined) =>
    () => {
      const body = rows.map((row) =>
        row.map((cell, index) => (columns.includes(index) ? (alter(cell, row) ?? cell) : cell)),
      );
      return written(header, body);
    };
  const numeric = header.flatMap((name, column) =>
    rows.some((row) => NUMBER.test(row[column] ?? '')) ? [{ name, column }] : [],
  );
  const timeColumn = header.indexOf(time);
  return [
    ...numeric.flatMap(({ name, column }) => [
      ...SCALES.map((factor) => ({
        kind: `scaled by ${factor}`,
        field: name,
        mutate: cellOf(column, (cell) => scaled(cell, String(factor))),
      })),
      { kind: 'sign flipped', field: name, mutate: cellOf(column, (cell) => scaled(cell, '-1')) },
    ]),
    ...unitMutations(input, header, columnOf),
    ...header.slice(1).map((name, index) => ({
      kind: 'column shifted',
      field: `${header[index] ?? ''} with ${name}, one row`,
      mutate: (random: Random) => change(random, (row) => [swapped(row, index)]),
    })),
    ...header.slice(1).map((name, index) => ({
      kind: 'column shifted',
      field: `${header[index] ?? ''} with ${name}, all rows`,
      times: 1,
      mutate: () =>
        written(
          header,
          rows.map((row) => swapped(row, index)),
        ),
    })),
    {
      kind: 'column shifted',
      field: 'a row by one',
      mutate: (random) => change(random, (row) => [[...row.slice(-1), ...row.slice(0, -1)]]),
    },
    {
      kind: 'column shifted',
      field: 'a cell too many',
      mutate: (random) => change(random, (row) => [['', ...row]]),
    },
    { kind: 'row doubled', field: 'as it is', mutate: (random) => change(random, (row) => [row, row]) },
    ...numeric.map(({ name, column }) => ({
      kind: 'row doubled',
      field: `with another ${name}`,
      mutate: (random: Random) =>
        change(random, (row) => {
          const other = scaled(row[column] ?? '', '1.01');
          return other === undefined
            ? undefined
            : [row, row.map((cell, index) => (index === column ? other : cell))];
        }),
    })),
    { kind: 'row dropped', field: 'one', mutate: (random) => change(random, () => []) },
    ...Object.entries(EPOCHS).flatMap(([unit, nanos]) => [
      {
        kind: 'time unit changed',
        field: `${time} in ${unit}, one row`,
        mutate: cellOf(timeColumn, (cell) => counted(cell, nanos)),
      },
      {
        kind: 'time unit changed',
        field: `${time} in ${unit}`,
        times: 1,
        mutate: columnOf([timeColumn], (cell) => counted(cell, nanos)),
      },
    ]),
  ];
}

type ColumnOf = (
  columns: readonly number[],
  alter: (cell: string, row: readonly string[]) => string | undefined,
) => () => string | undefined;

/** Units that such columns come in elsewhere. */
function unitMutations(
  input: string,
  header: readonly string[],
  columnOf: ColumnOf,
): readonly Mutation<string>[] {
  const places = (...names: string[]): number[] => names.map((name) => header.indexOf(name));
  const whole = (
    field: string,
    columns: number[],
    alter: (cell: string, row: readonly string[]) => string | undefined,
  ): Mutation<string> => ({
    kind: 'unit swapped',
    field,
    times: 1,
    mutate: columnOf(columns, alter),
  });
  const by = (factor: string) => (cell: string) => scaled(cell, factor);
  if (input === 'chain') {
    const [forward = -1] = places('underlying');
    const inDollars = (cell: string, row: readonly string[]): string | undefined =>
      scaled(cell, row[forward] ?? '');
    return [
      whole('volatility in per cent', places('implied_volatility'), by('100')),
      whole('premiums in USD', places('bid_price', 'ask_price', 'mark_price'), inDollars),
      whole('marks in USD', places('mark_price'), inDollars),
      whole('forward in thousands', places('underlying'), by('0.001')),
      whole('index in thousands', places('index_price'), by('0.001')),
    ];
  }
  if (input === 'bars') {
    const prices = places('open', 'high', 'low', 'close');
    return [whole('prices in cents', prices, by('100')), whole('prices in thousands', prices, by('0.001'))];
  }
  if (input === 'fundings')
    return [
      whole('rate in per cent', places('funding_rate'), by('100')),
      whole('rate in basis points', places('funding_rate'), by('10000')),
    ];
  if (input === 'deliveries') return [whole('price in thousands', places('delivery_price'), by('0.001'))];
  return [whole('premiums in USD', places('price'), by('3600'))];
}

function swapped(row: readonly string[], index: number): readonly string[] {
  const copy = [...row];
  [copy[index], copy[index + 1]] = [copy[index + 1] ?? '', copy[index] ?? ''];
  return copy;
}

/** Intervals in another unit. */
export function intervalMutations(manifest: TapeManifest): readonly Mutation<TapeManifest>[] {
  return manifest.sources.flatMap((source, index) => {
    if (!('interval' in source)) return [];
    const [, count = '', unit = ''] = /^(\d+)(\w)$/.exec(source.interval) ?? [];
    const others = ['ms', 's', 'm', 'h', 'd']
      .filter((other) => other !== unit)
      .map((other) => `${count}${other}`);
    return [...others, ...SCALES.map((factor) => `${Number(count) * factor}${unit}`)].map((interval) => ({
      kind: 'time unit changed',
      field: `interval of ${source.format}`,
      times: 1,
      mutate: () => ({
        ...manifest,
        sources: manifest.sources.map((old, at) => (at === index ? { ...source, interval } : old)),
      }),
    }));
  });
}

export type Entry = Readonly<Record<string, string>>;

/** Everything that can befall the entries of a list. */
export function entryMutations(
  entries: readonly Entry[],
  numeric: readonly string[],
  time: string | undefined,
): readonly Mutation<readonly Entry[]>[] {
  const change = (
    random: Random,
    alter: (entry: Entry) => readonly Entry[] | undefined,
  ): readonly Entry[] | undefined => {
    const place = random.integer(entries.length);
    const altered = alter(required(entries[place], 'an entry'));
    return altered === undefined
      ? undefined
      : [...entries.slice(0, place), ...altered, ...entries.slice(place + 1)];
  };
  const fieldOf = (field: string, alter: (text: string) => string | undefined) => (random: Random) =>
    change(random, (entry) => {
      const text = alter(entry[field] ?? '');
      return text === undefined ? undefined : [{ ...entry, [field]: text }];
    });
  return [
    ...numeric.flatMap((field) => [
      ...SCALES.map((factor) => ({
        kind: `scaled by ${factor}`,
        field,
        mutate: fieldOf(field, (text) => scaled(text, String(factor))),
      })),
      { kind: 'sign flipped', field, mutate: fieldOf(field, (text) => scaled(text, '-1')) },
    ]),
    ...numeric.slice(1).map((field, index) => ({
      kind: 'column shifted',
      field: `${numeric[index] ?? ''} with ${field}`,
      mutate: (random: Random) =>
        change(random, (entry) => {
          const other = numeric[index] ?? '';
          if (entry[field] === entry[other]) return undefined;
          return [{ ...entry, [field]: entry[other] ?? '', [other]: entry[field] ?? '' }];
        }),
    })),
    { kind: 'row doubled', field: 'as it is', mutate: (random) => change(random, (entry) => [entry, entry]) },
    { kind: 'row dropped', field: 'one', mutate: (random) => change(random, () => []) },
    ...(time === undefined
      ? []
      : Object.entries(EPOCHS).map(([unit, nanos]) => ({
          kind: 'time unit changed',
          field: `${time} in ${unit}`,
          mutate: fieldOf(time, (text) => counted(text, nanos)),
        }))),
  ];
}
