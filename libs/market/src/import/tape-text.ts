import { InvalidInputError } from '@evenkeel/kernel';
import { parsed } from './parsed';
import type { Micros } from './row';

export const microsOf = (nanoseconds: bigint): Micros => Number(nanoseconds / 1000n);

/** `90s`, `15m`, `8h`: as manifests write an interval. */
export function durationText(micros: Micros): string {
  for (const [unit, size] of [
    ['d', 86_400_000_000],
    ['h', 3_600_000_000],
    ['m', 60_000_000],
    ['s', 1_000_000],
  ] as const)
    if (micros % size === 0) return `${micros / size}${unit}`;
  return `${Math.round(micros / 1000)}ms`;
}

/** Of a file's name: nothing that a file system takes for a folder. */
export const fileName = (kind: string, of: string): string => `${kind}-${of.replaceAll(/[/:]/g, '-')}.csv.gz`;

export function refusal(file: string, line: number, message: string): InvalidInputError {
  return new InvalidInputError(file, [{ path: `${file}:${line}`, message }]);
}

export function underlyingOf(id: string): string {
  return parsed(id)?.underlying ?? id;
}
