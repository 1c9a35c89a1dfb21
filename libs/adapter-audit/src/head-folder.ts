import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { HeadRecord, HeadStore } from '@evenkeel/audit';
import { IntegrityFault } from '@evenkeel/kernel';
import { readIfPresent, writeDurably } from './durable-file';

/** One small file per log under a folder, named for the hash of the origin, with a checksum inside. */
export class HeadFolder implements HeadStore {
  constructor(private readonly folder: string) {}

  load(origin: string): Promise<HeadRecord | undefined> {
    const path = this.pathOf(origin);
    const bytes = readIfPresent(path);
    if (bytes === undefined) return Promise.resolve(undefined);
    const record = parseHeadFile(bytes.toString('utf8'));
    if (record?.origin !== origin) {
      // An unreadable memory is no memory of nothing: to start afresh would allow a fork.
      return Promise.reject(
        new IntegrityFault({
          code: 'AUDIT.HEAD_FILE_DAMAGED',
          message: `${path} does not hold the last head of ${origin}.`,
        }),
      );
    }
    return Promise.resolve(record);
  }

  save(record: HeadRecord): Promise<void> {
    writeDurably(this.pathOf(record.origin), formatHeadFile(record));
    return Promise.resolve();
  }

  private pathOf(origin: string): string {
    return join(this.folder, `${createHash('sha256').update(origin).digest('hex').slice(0, 32)}.head`);
  }
}

function formatHeadFile(record: HeadRecord): string {
  const body = `${record.origin}\n${record.size}\n${record.root}\n`;
  return `${body}${createHash('sha256').update(body).digest('hex')}\n`;
}

function parseHeadFile(text: string): HeadRecord | undefined {
  const [origin, size, root] = text.split('\n');
  if (origin === undefined || root === undefined || !/^(0|[1-9]\d*)$/.test(size ?? '')) return undefined;
  const record = { origin, size: Number(size), root };
  return formatHeadFile(record) === text ? record : undefined;
}
