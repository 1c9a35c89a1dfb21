import { plainTable } from '../../test/plain-table';
import { priceBlack76 } from '../door/black76';
import { runSurfaceFit } from './surface-fit-file';
import type { SurfaceFitReport } from './surface-fit-file';

const forward = 100;
const strikes = [70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125, 130, 135, 140];
const fit = (input: unknown): SurfaceFitReport => runSurfaceFit(input, plainTable);

interface Row {
  readonly expiry: string;
  readonly years: number;
  readonly strike: number;
  readonly type: 'call' | 'put';
  readonly bid: number;
  readonly ask: number;
  readonly forward: number;
}

/** A clean smile at one volatility, in USD, 2 cents about its mid. */
function rowsOf(expiry: string, years: number, sigma: number, F = forward): Row[] {
  return strikes.map((share) => {
    const strike = (share / 100) * F;
    const type = strike < F ? 'put' : 'call';
    const { value } = priceBlack76({ type, F, K: strike, T: years, sigma });
    const half = 0.0002 * F;
    return {
      expiry,
      years,
      strike,
      type,
      bid: Math.max(0.0001, value - half),
      ask: value + half,
      forward: F,
    };
  });
}
const inCoin = (rows: readonly Row[]): Row[] =>
  rows.map((row) => ({ ...row, bid: row.bid / row.forward, ask: row.ask / row.forward }));

const sound = rowsOf('A', 0.25, 0.5);

describe('what a fit refuses, and why', () => {
  it('says that the bid is above the ask, not that there are no quotes', () => {
    const report = fit({
      unit: 'quote',
      quotes: sound.map((row) => ({ ...row, bid: row.ask, ask: row.bid })),
    });
    expect(report.slices).toEqual([]);
    expect(report.problems).toHaveLength(15);
    expect(report.problems[0]?.message).toMatch(/^bid [\d.]+ is above ask/);
    expect(report.refused[0]?.message).toMatch(/Of its 15 rows 15 are wrong, .*is above ask/);
  });

  it.each<[string, object, string | undefined]>([
    ['no unit at all', {}, undefined],
    ['coin', { unit: 'coin' }, undefined],
  ])('asks whether dollars are meant where %s is stated', (_, stated) => {
    const report = fit({ ...stated, quotes: sound });
    expect(report.slices).toEqual([]);
    expect(report.refused[0]?.message).toMatch(/prices above 1 coin: is the unit quote\?/);
  });

  it('asks whether coin is meant where a bid is above every dollar value', () => {
    const { problems } = fit({ unit: 'quote', quotes: sound.map((row) => ({ ...row, bid: 100, ask: 101 })) });
    expect(problems[0]?.message).toMatch(/no put is worth more: is the unit coin/);
  });

  it.each<[string, (rows: Row[]) => unknown[], RegExp]>([
    ['one crossed quote', (rows) => [{ ...rows[0], bid: 5, ask: 1 }, ...rows.slice(1)], /above ask/],
    ['an option told twice', (rows) => [...rows, { ...rows[3], bid: 3 }], /are those of row 4 of A/],
    [
      'a forward of its own',
      (rows) => [{ ...rows[0], forward: 1 }, ...rows.slice(1)],
      /^forward is 1, .*about 100/,
    ],
    ['a negative bid', (rows) => [{ ...rows[0], bid: -1 }, ...rows.slice(1)], /^bid must not be negative/],
    [
      'a strike of nought',
      (rows) => [{ ...rows[0], strike: 0 }, ...rows.slice(1)],
      /^strike must be positive/,
    ],
    ['a negative weight', (rows) => [{ ...rows[0], weight: -2 }, ...rows.slice(1)], /^weight must not/],
    [
      'a strike twice over',
      (rows) => [{ ...rows[0], K: 71 }, ...rows.slice(1)],
      /^K and strike are one column/,
    ],
    [
      'years that its own times contradict',
      (rows) =>
        rows.map((row, at) => ({
          ...row,
          expiry: '2026-04-02T08:00:00Z',
          timestamp: '2026-01-01T00:00:00Z',
          years: at === 0 ? 2.5 : 0.25,
        })),
      /^years is 2\.5/,
    ],
  ])('leaves out a row with %s and fits the rest', (_, changed, message) => {
    const report = fit({ unit: 'quote', quotes: changed(sound) });
    expect(report.problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
    expect(report.slices[0]?.atTheMoneyVolatility).toBeCloseTo(0.5, 2);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a column that nobody reads',
      { quotes: sound.map((row) => ({ ...row, rate: 0.05 })) },
      /rate of row 1 is not a column/,
    ],
    [
      'a column misspelt',
      { quotes: sound.map(({ forward: F, ...row }) => ({ ...row, forwrad: F })) },
      /forwrad.*did you mean forward/,
    ],
    ['a field of the file misspelt', { quotes: sound, units: 'quote' }, /units .*did you mean unit/],
    ['a discount that is no number', { quotes: sound, discount: 'x' }, /discount/],
    ['an instant that is none', { quotes: sound, at: 'noon' }, /at is an instant/],
    [
      'a point with a stranger',
      { quotes: sound, points: [{ strike: 1, years: 1, maturity: 1 }] },
      /points\[0\]\.maturity/,
    ],
    [
      'two units in the rows',
      { quotes: sound.map((row, at) => ({ ...row, unit: at === 0 ? 'coin' : 'quote' })) },
      /one unit at a time/,
    ],
    [
      'a unit against that of the rows',
      { unit: 'coin', quotes: sound.map((row) => ({ ...row, unit: 'quote' })) },
      /unit is coin for the file and quote in row 1/,
    ],
    [
      'a unit that is none',
      { quotes: sound.map((row) => ({ ...row, unit: 'USD' })) },
      /coin or quote, not "USD"/,
    ],
  ])('refuses %s', (_, input, message) => {
    expect(() => fit(input)).toThrow(message);
  });

  it('names the columns that it has no use for', () => {
    expect(
      fit({ unit: 'quote', quotes: sound.map((row) => ({ ...row, mark_price: 1, volume: 2 })) }).unused,
    ).toEqual(['mark_price', 'volume']);
  });
});

describe('the unit of a chain', () => {
  const xrp = rowsOf('2026-04-02T08:00:00Z', 0.25, 0.8, 0.52);
  const named = (row: Row, base: string): object => ({
    ...row,
    instrument_name: `${base}-2APR26-${String(Number(row.strike.toFixed(4))).replace('.', 'd')}-${row.type === 'call' ? 'C' : 'P'}`,
  });

  it.each<[string, unknown, 'coin' | 'quote', 'names' | 'stated' | 'default', number]>([
    ['linear names', xrp.map((row) => named(row, 'XRP_USDC')), 'quote', 'names', 0.8],
    [
      'names with a venue',
      xrp.map((row) => ({
        ...row,
        id: `XRP_USDC-2APR26-${String(Number(row.strike.toFixed(4))).replace('.', 'd')}-${row.type === 'call' ? 'C' : 'P'}@deribit`,
      })),
      'quote',
      'names',
      0.8,
    ],
    [
      'inverse names',
      inCoin(rowsOf('2026-04-02T08:00:00Z', 0.25, 0.5, 90_000)).map((row) => named(row, 'BTC')),
      'coin',
      'names',
      0.5,
    ],
    [
      'names of no venue',
      inCoin(sound).map((row) => ({ ...row, id: `SPX ${row.strike}` })),
      'coin',
      'default',
      0.5,
    ],
    ['a column', sound.map((row) => ({ ...row, unit: 'quote' })), 'quote', 'stated', 0.5],
    ['a field of the file', { unit: 'quote', quotes: sound }, 'quote', 'stated', 0.5],
  ])('is told by %s', (_, input, unit, from, volatility) => {
    const report = fit(input);
    expect(report.unit).toEqual({ unit, from });
    expect(report.slices[0]?.atTheMoneyVolatility).toBeCloseTo(volatility, 2);
  });

  it('says so where it is stated against the names', () => {
    const usd = rowsOf('2026-04-02T08:00:00Z', 0.25, 0.5, 90_000).map((row) => named(row, 'BTC'));
    expect(fit({ unit: 'quote', quotes: usd }).unit).toMatchObject({
      from: 'stated',
      remark: expect.stringMatching(/BTC-2APR26.*coin/),
    });
  });
});

describe('a surface that had to leave its quotes', () => {
  const falling = [...rowsOf('A', 0.25, 0.5), ...rowsOf('B', 0.5, 0.2)];

  it.each(['svi', 'ssvi'] as const)('is not called converged, and names both expiries (%s)', (model) => {
    const { slices, arbitrage } = fit({ unit: 'quote', model, quotes: falling });
    expect(slices.every(({ converged }) => converged)).toBe(false);
    const [far] = slices.filter(({ converged }) => !converged);
    expect(far?.distance.before.median).toBeLessThan(1);
    expect(far?.distance.after.median).toBeGreaterThan(10);
    expect(far?.repair).not.toBe('none');
    expect(far?.remark).toMatch(
      /half-spreads from its quotes \(.*before repair\): total variance falls from A to B/,
    );
    expect(arbitrage.before).toContainEqual(
      expect.objectContaining({ kind: 'calendar', expiry: 'A', laterExpiry: 'B' }),
    );
    expect(arbitrage.after).toEqual([]);
  });

  it.each<[string, Row[], boolean]>([
    ['total variance that rises', [...rowsOf('A', 0.25, 0.5), ...rowsOf('B', 0.5, 0.5)], true],
    [
      'total variance that falls by less than the quotes can tell',
      [...rowsOf('A', 0.25, 0.5), ...rowsOf('B', 0.2501, 0.4999)],
      true,
    ],
    ['one expiry', rowsOf('A', 0.25, 0.5), true],
    [
      'three expiries of which the middle one falls',
      [...rowsOf('A', 0.1, 0.5), ...rowsOf('B', 0.2, 0.2), ...rowsOf('C', 0.4, 0.5)],
      false,
    ],
    ['the far expiry a tenth of the near one', [...rowsOf('A', 0.5, 0.9), ...rowsOf('B', 0.6, 0.3)], false],
  ])('%s', (_, quotes, converged) => {
    for (const model of ['svi', 'ssvi']) {
      const { slices } = fit({ unit: 'quote', model, quotes });
      expect(slices.every((slice) => slice.converged)).toBe(converged);
      for (const { distance, remark, ...slice } of slices) {
        expect(slice.converged).toBe(distance.after.median <= 1);
        expect(remark === undefined).toBe(slice.converged);
      }
    }
  });
});

describe('columns against the name of an option', () => {
  const named = (name: string) =>
    fit({ unit: 'quote', quotes: [{ ...sound[0], id: name, expiry: '2026-01-09T08:00:00Z' }] }).problems[0]
      ?.message;

  it.each([
    ['BTC-10JAN26-70-P', '2026-01-09T08:00:00Z'],
    ['BTC-9JAN26-71-P', '70'],
    ['BTC-9JAN26-70-C', 'put'],
  ])('%s is refused', (name, told) => {
    expect(named(name)).toContain(`${told} is not that of ${name}`);
  });

  it('pass where they say the same', () => {
    expect(named('BTC-9JAN26-70-P')).toBeUndefined();
  });
});
