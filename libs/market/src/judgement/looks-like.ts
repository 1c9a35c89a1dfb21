/** Units that files give in place of the one that is read, by how many times too large a number in them is. */
const SCALES: readonly (readonly [times: number, name: string])[] = [
  [10, 'ten times'],
  [100, 'a hundred times'],
  [1000, 'a thousand times'],
  [1e6, 'a million times'],
  [0.1, 'a tenth of'],
  [0.01, 'a hundredth of'],
  [0.001, 'a thousandth of'],
];
const NEARNESS = 1.35;

/** `ten times`, or with two digits `3.4 times`: how many times the one is the other. Both positive. */
export function timesOf(value: number, other: number): string {
  const ratio = value / other;
  const scale = SCALES.find(([times]) => !apart(ratio, times, NEARNESS));
  return scale?.[1] ?? `${Number(ratio.toPrecision(2))} times`;
}

/** Whether the one is more than `factor` times the other, either way. Both positive. */
export function apart(value: number, other: number, factor: number): boolean {
  return value > other * factor || other > value * factor;
}

/** Whether the one is the other in a unit of tens, hundreds and so on, to within `nearness`. */
export function isPowerOfTenOf(value: number, other: number, nearness: number): boolean {
  return SCALES.some(([times]) => !apart(value / other, times, nearness));
}
