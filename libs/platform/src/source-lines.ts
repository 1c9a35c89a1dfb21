import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join } from 'node:path';

const IN_BUNDLE = /(\/[^\s():]+\.bundle\.js):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack trace with the lines that people wrote, for whoever shows one. Not when a trace is made: the client makes one for every
 * connection that it closes, and to read the map is a sixth of what a command does until its run has begun.
 */
export function inSourceLines(trace: string): string {
  return trace.replace(IN_BUNDLE, (place, file: string, line: string, column: string) => {
    const found = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return place;
    return `${join(dirname(file), found.originalSource)}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

function mapOf(bundle: string): SourceMap | undefined {
  if (maps.has(bundle)) return maps.get(bundle);
  const path = `${bundle}.map`;
  // An image has none.
  const map = existsSync(path)
    ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMap['payload']) // tools/bundle.mjs made it
    : undefined;
  maps.set(bundle, map);
  return map;
}
