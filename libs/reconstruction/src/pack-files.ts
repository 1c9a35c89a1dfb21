import { textOf } from '@evenkeel/audit';

/** The files of a pack by name, as they lie in its folder. */
export type PackFiles = ReadonlyMap<string, Uint8Array>;

export function textIn(files: PackFiles, name: string): string | undefined {
  const bytes = files.get(name);
  return bytes === undefined ? undefined : textOf(bytes);
}

export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
