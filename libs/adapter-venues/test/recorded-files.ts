import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { sharedDir } from '@evenkeel/testkit';

/** A file of recorded exchange messages, un-gzipped where it is gzipped. Only called where the recorded data is present. */
export function recordedFile(relative: string): string {
  const bytes = readFileSync(join(sharedDir() ?? '', 'data/wire', relative));
  return (relative.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export function recordedLines(relative: string): string[] {
  return recordedFile(relative)
    .split('\n')
    .filter((line) => line !== '');
}
