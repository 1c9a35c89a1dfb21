import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '@evenkeel/config';
import { z } from 'zod';
import type { Home } from './home';

/** The servers of a home. */
export type ServerName = 'nats' | 'postgres';

const durability = z.enum(['synced', 'unsynced']);
export type EmbeddedDurability = z.infer<typeof durability>;

/** What a command asks of the keeper, one line of JSON each. The connection it comes over is the lease. */
export const requestSchema = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('need'),
    token: z.string(),
    servers: z.array(z.enum(['nats', 'postgres'])),
    durability,
  }),
  /** `keel up`: stays when nobody holds it. */
  z.strictObject({ ask: z.literal('pin'), token: z.string() }),
  z.strictObject({ ask: z.literal('end'), token: z.string() }),
]);
export type KeeperRequest = z.infer<typeof requestSchema>;
/** The same without what every request carries. */
export type Asked = KeeperRequest extends infer R ? (R extends unknown ? Omit<R, 'token'> : never) : never;

const answerSchema = z.union([
  z.strictObject({
    ok: z.literal(true),
    nats: z.strictObject({ url: z.string(), durability }).optional(),
    postgres: z
      .strictObject({ url: z.string(), writerUrl: z.string(), schemaVersion: z.string() })
      .optional(),
  }),
  z.strictObject({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type KeeperAnswer = z.infer<typeof answerSchema>;

export function parseAnswer(line: string): KeeperAnswer {
  return answerSchema.parse(JSON.parse(line));
}

const recordSchema = z.object({
  keeper: z.object({ pid: z.number(), started: z.string() }),
  port: z.number(),
  token: z.string(),
  pinned: z.boolean(),
  natsUrl: z.string().optional(),
  busKeys: z.string().optional(),
  databaseUrl: z.string().optional(),
});
/** What the keeper tells everybody of this home who can read its files. */
export type KeeperRecord = z.infer<typeof recordSchema>;

const pathOf = (home: Home): string => join(home.dir, 'stack.json');

export function writeKeeperRecord(home: Home, record: KeeperRecord): void {
  const fresh = join(home.dir, `.stack.${randomUUID()}`);
  writeFileSync(fresh, JSON.stringify(record), { mode: 0o600 });
  renameSync(fresh, pathOf(home));
}

export function forgetKeeperRecord(home: Home): void {
  rmSync(pathOf(home), { force: true });
}

/** What the keeper of this home says, if that very process still runs. */
export function keeperRecord(home: Home): KeeperRecord | undefined {
  try {
    const record = recordSchema.parse(JSON.parse(readFileSync(pathOf(home), 'utf8')));
    return isRunning(record.keeper) ? record : undefined;
  } catch {
    return undefined; // there is none, or one of another build whose keeper is gone
  }
}
