import type { Nanoseconds } from '@evenkeel/kernel';

const UNITS: readonly (readonly [nanos: bigint, name: string])[] = [
  [86_400_000_000_000n, 'd'],
  [3_600_000_000_000n, 'h'],
  [60_000_000_000n, 'm'],
  [1_000_000_000n, 's'],
  [1_000_000n, 'ms'],
];

/** `5m`, `1h`, `90s`: in the largest unit that leaves no fraction. */
export function durationText(duration: Nanoseconds): string {
  const unit = UNITS.find(([nanos]) => duration >= nanos && duration % nanos === 0n);
  return unit === undefined ? `${duration} ns` : `${duration / unit[0]}${unit[1]}`;
}
