/** When a simulation looks at the market: `times[0]` is 0, the last is the last expiry; years. */
export interface TimeGrid {
  readonly times: readonly number[];
}

/**
 * Multiples of `watch` up to the last expiry, with every expiry among them. Instants closer than a billionth of the horizon are
 * one, so that an interval that divides the horizon makes no stray step.
 */
export function timeGrid(watch: number, expiries: readonly number[]): TimeGrid {
  const horizon = Math.max(...expiries);
  const apart = horizon * 1e-9;
  const stops = [...new Set(expiries)].sort((a, b) => a - b);
  const times = [0];
  let last = 0;
  for (let k = 1; ; k += 1) {
    const time = k * watch;
    while (stops.length > 0 && (stops[0] ?? 0) < time + apart) {
      const stop = stops.shift() ?? 0;
      if (stop > last + apart) times.push((last = stop));
    }
    if (time > horizon - apart) break;
    if (time > last + apart) times.push((last = time));
  }
  times[times.length - 1] = horizon;
  return { times };
}

/**
 * For each instant of the grid, whether it is the first at or after a multiple of `interval` (the start is one). The last
 * instant is the horizon, where nothing is left to hedge.
 */
export function firstsOfIntervals(grid: TimeGrid, interval: number): readonly boolean[] {
  let served = -1;
  return grid.times.map((time) => {
    const number = Math.floor(time / interval + 1e-9);
    const due = number > served;
    if (due) served = number;
    return due;
  });
}
