import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 64 * 1024;
const FATAL = 60;

/** A process that ends before it logs says why in plain words: `<service>: <code>: …`, with a line for each problem. */
const PLAIN = /^(?:price-ingest|risk|strategy|execution|ledger): (.+)$/;

/** Why a service ended, by the last fatal line of its log, or what it said in plain words; `undefined` where there is none. */
export function lastWords(log: string): string | undefined {
  const problems: string[] = [];
  for (const line of tailOf(log).split('\n').reverse()) {
    const [, plain] = PLAIN.exec(line) ?? [];
    if (plain !== undefined) return [plain, ...problems].join(' ');
    if (line.startsWith('  ')) problems.unshift(line.trim());
    if (!line.startsWith('{')) continue;
    try {
      const { level, msg, err } = JSON.parse(line) as {
        level?: number;
        msg?: string;
        err?: { code?: string; message?: string };
      }; // pino's lines
      if (level === FATAL)
        return [err?.code, err?.message ?? msg].filter((part) => part !== undefined).join(': ');
    } catch {
      // a line that was cut
    }
  }
  return undefined;
}

function tailOf(path: string): string {
  let log: number;
  try {
    log = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(log);
    const start = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    return bytes.subarray(0, readSync(log, bytes, 0, bytes.length, start)).toString('utf8');
  } finally {
    closeSync(log);
  }
}
