import { curveChart } from './curve-chart';
import { rangeChart } from './range-chart';
import { scatterChart } from './scatter-chart';
import type { ScatterPoint } from './scatter-chart';
import { timeChart } from './time-chart';

const around = (value: number) => ({ value, low: value * 0.9, high: value * 1.1 });
const point = (name: string, x: number, y: number, chosen = false): ScatterPoint => ({
  name,
  x: around(x),
  y: around(y),
  chosen,
});
const chart = (points: readonly ScatterPoint[], title = 'cost against risk'): string =>
  scatterChart({ title, x: 'risk', y: 'cost', points });

interface Label {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly text: string;
}

/** Every text that stands upright, where it begins. */
function labelsOf(svg: string): Label[] {
  return [...svg.matchAll(/<text([^>]*)>([^<]*)/g)].flatMap(([, attributes = '', text = '']) => {
    const number = (pattern: RegExp): number => Number(pattern.exec(attributes)?.[1] ?? 0);
    if (!attributes.includes('translate(')) return [];
    return [
      {
        x: number(/ x="([-\d.]+)"/) + number(/translate\(([-\d.]+) /),
        y: number(/ y="([-\d.]+)"/) + number(/translate\([-\d.]+ ([-\d.]+)\)/),
        size: number(/font-size:(\d+)px/),
        text,
      },
    ];
  });
}

const small = (svg: string): Label[] => labelsOf(svg).filter(({ size }) => size === 11);
const keyOf = (svg: string): Label[] => small(svg).filter(({ text }) => text.includes('  '));
const numbersOf = (svg: string): Label[] => small(svg).filter(({ text }) => /^\d+(, \d+)*$/.test(text));

/** A crowd in a narrow place, one far out, some of one place. */
function crowd(count: number): ScatterPoint[] {
  return Array.from({ length: count }, (_, index) =>
    point(`policy-${index}`, 250 + 3 * index, 20 + (index % 5), index % 7 === 0),
  );
}

describe('a chart of points', () => {
  it.each([1, 2, 18, 36, 60])('names each of %d, and lays no label on another', (count) => {
    const svg = chart(crowd(count));
    expect(keyOf(svg).map(({ text }) => text)).toEqual(
      crowd(count).map(({ name }, index) => `${index + 1}  ${name}`),
    );
    const all = [...keyOf(svg), ...numbersOf(svg)];
    for (const [index, a] of all.entries())
      for (const b of all.slice(index + 1))
        expect(Math.abs(a.y - b.y) >= 10 || Math.abs(a.x - b.x) >= 10).toBe(true);
    const [, height] = /height="(\d+)"/.exec(svg) ?? [];
    for (const { y } of all) expect(y).toBeLessThan(Number(height) - 5);
  });

  it('numbers those that have room, which is all of a few', () => {
    expect(numbersOf(chart(crowd(18))).map(({ text }) => Number(text))).toEqual(
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
    expect(numbersOf(chart(crowd(60))).length).toBeGreaterThan(40);
  });

  it('gives points of one place one label', () => {
    const svg = chart([point('a', 10, 5), point('b', 12, 6), point('c', 10, 5)]);
    expect(numbersOf(svg).map(({ text }) => text)).toEqual(['1, 3', '2']);
    expect(numbersOf(chart([point('a', 1, 1), point('b', 1, 1)])).map(({ text }) => text)).toEqual(['1, 2']);
  });

  it('sets what has no figures into the key alone, and leaves no word of it in the picture', () => {
    const svg = chart([
      point('a', 10, 5),
      point('b', Number.NaN, 6),
      point('c', 12, Infinity),
      point('d', 11, 4),
    ]);
    expect(keyOf(svg).map(({ text }) => text)).toEqual([
      '1  a',
      '2  b (no figures)',
      '3  c (no figures)',
      '4  d',
    ]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(chart([point('a', Number.NaN, Number.NaN)])).not.toMatch(/NaN|Infinity|undefined/);
    expect(chart([])).toContain('cost against risk');
  });

  it('keeps the others apart from one that lies far out: a triangle at the edge, its figures in the key', () => {
    const svg = chart([...crowd(16), point('far-out', 4_000, 21)]);
    expect(keyOf(svg).at(-1)?.text).toBe('17  far-out (4,000; 21)');
    const places = numbersOf(svg).map(({ x }) => x);
    expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(400);
  });

  it('marks one, two and five of each power of ten where values span more than tenfold', () => {
    const svg = chart([point('a', 1, 1), point('b', 30, 2), point('c', 300, 3)]);
    const ticks = labelsOf(svg).map(({ text }) => text);
    for (const tick of ['1', '2', '5', '10', '20', '50', '100', '200']) expect(ticks).toContain(tick);
  });
});

describe('every chart', () => {
  const curves = (): string =>
    curveChart({
      title: 'curves',
      x: 'x',
      y: 'y',
      curves: [
        { name: 'a', colour: '#0b6e4f', points: [1, 2, 3].map((x) => ({ x, y: x * x, low: 0, high: 10 })) },
      ],
    });
  const ranges = (): string =>
    rangeChart({
      title: 'prices',
      from: 0,
      to: 7_200_000,
      points: [
        { at: 0, low: 1, high: 2 },
        { at: 3_600_000, low: 1.5, high: 1.5 },
      ],
    });
  const times = (): string =>
    timeChart({
      title: 'delta',
      unit: 'BTC',
      lines: [
        { name: 'delta', colour: 'var(--line)', points: [0, 1, 2].map((hour) => [hour * 3_600_000, hour]) },
      ],
      band: [[0, -1, 1]],
      marks: [{ at: 3_600_000, filled: true }],
      now: 3_600_000,
      colours: {
        soft: '#555',
        rule: '#ddd',
        ground: '#fff',
        band: '#2a78c822',
        edge: '#2a78c8',
        now: '#c2410c',
      },
    });

  it.each([
    ['points', () => chart(crowd(18))],
    ['curves', curves],
    ['times', times],
    ['ranges', ranges],
  ])('of %s is the same bytes each time, and needs nothing but itself', (_, draw) => {
    const svg = draw();
    expect(draw()).toBe(svg);
    expect(svg).toMatch(/^<svg role="img" /);
    expect(svg).not.toMatch(/<script|<style|href=|url\((?!#chart-)|@import|class=/);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('takes names from people as text', () => {
    const svg = chart([point('<script>alert("x")</script>', 1, 1)], 'a & b </title><script>');
    expect(svg).not.toContain('<script');
    expect(svg).toContain('a &amp; b');
  });
});
