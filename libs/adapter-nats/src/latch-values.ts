import type { StoredMsg } from '@nats-io/jetstream';
import { LATCHES_LOST, isKillScope } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import { uuidV5 } from '@evenkeel/kernel';
import { z } from 'zod';

/** A release as somebody wrote it: a claim, which whoever acts on it verifies. */
export interface WrittenRelease {
  readonly engagements: readonly string[];
  readonly by: string;
  readonly reason: string;
  /** ISO, host time. */
  readonly at: string;
  /** The proposal that two people signed and that was used up for it. */
  readonly proposalId?: string;
}

/** What the control bucket says of one scope. */
export interface WrittenLatch {
  readonly scope: string;
  /** In force, oldest first; the loss of the latch itself is one of them. */
  readonly engagements: readonly Engagement[];
  /** Oldest first. */
  readonly releases: readonly WrittenRelease[];
  /** Stream sequence of the value; 0 where there is none. */
  readonly revision: number;
}

export const VALUES_MAX = 16;
const TEXT_MAX = 500;
const BYTES_MAX = 65_536;

const person = {
  by: z.string().min(1).max(200),
  reason: z.string().max(TEXT_MAX),
  at: z.iso.datetime({ offset: true }),
};

const latchSchema = z.strictObject({
  scope: z.string(),
  engagements: z.array(z.strictObject({ engagement: z.guid(), ...person })).max(VALUES_MAX),
  releases: z
    .array(
      z.strictObject({
        engagements: z.array(z.guid()).min(1).max(VALUES_MAX),
        ...person,
        proposalId: z.string().min(1).max(100).optional(),
      }),
    )
    .max(VALUES_MAX),
});

/** Of a scope that nobody has ever stopped. */
export const untouched = (scope: string): WrittenLatch => ({
  scope,
  engagements: [],
  releases: [],
  revision: 0,
});

export function encodeWritten({ scope, engagements, releases }: WrittenLatch): string {
  const short = ({ reason }: { readonly reason: string }): { reason: string } => ({
    reason: reason.slice(0, TEXT_MAX),
  });
  return JSON.stringify({
    scope,
    engagements: engagements.map((one) => ({ ...one, ...short(one) })),
    releases: releases.map((one) => ({ ...one, ...short(one) })),
  });
}

/**
 * A value of the bucket. What is deleted, what cannot be read, and what is about another scope than its key, is in force
 * itself until a person releases it, under an id that everybody makes out alike.
 */
export function writtenLatch(key: string, entry: StoredMsg): WrittenLatch {
  const scope = scopeOfKey(key) ?? 'firm';
  const found = readLatch(entry, scope);
  if (typeof found !== 'string') return { ...found, revision: entry.seq };
  const reason = `${key} of the control bucket ${found}`;
  const lost = lossOf(`${key}|${entry.seq}`, reason, entry.time.toISOString());
  return { ...untouched(scope), engagements: [lost], revision: entry.seq };
}

/** A latch that was there and of which nothing is left, not even a mark that somebody deleted it. */
export function vanishedLatch(scope: string, createdAt: string): WrittenLatch {
  const lost = lossOf(
    `${scope}|${createdAt}`,
    `the latch of ${scope} is gone from the control bucket`,
    createdAt,
  );
  return { ...untouched(scope), engagements: [lost] };
}

/** The latch that stops everything when the bucket is not the one that this epoch was opened with. */
export function lostBucket(written: WrittenLatch, createdAt: string): WrittenLatch {
  const reason = 'the control bucket was made anew, and the kill latches it had held are lost';
  const lost = lossOf(`${LATCHES_LOST}|${createdAt}`, reason, createdAt);
  const known = [
    ...written.engagements.map(({ engagement }) => engagement),
    ...written.releases.flatMap(({ engagements }) => engagements),
  ];
  if (known.includes(lost.engagement)) return written;
  return { ...written, engagements: [...written.engagements, lost] };
}

function lossOf(what: string, reason: string, at: string): Engagement {
  return { engagement: uuidV5(`lost-latch|${what}`), by: 'nobody', reason, at };
}

function readLatch(entry: StoredMsg, scope: string): Omit<WrittenLatch, 'revision'> | string {
  if (entry.header.get('KV-Operation') !== '') return 'was deleted';
  if (entry.data.length > BYTES_MAX) return 'is too large for a latch';
  let value: unknown;
  try {
    value = entry.json<unknown>();
  } catch {
    return 'is no JSON';
  }
  const parsed = latchSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return `holds no latch (${problems.slice(0, 3).join('; ')})`;
  }
  if (parsed.data.scope !== scope) return `is about ${parsed.data.scope.slice(0, 100)}`;
  const releases = parsed.data.releases.map(({ proposalId, ...release }) =>
    proposalId === undefined ? release : { ...release, proposalId },
  );
  return { scope, engagements: parsed.data.engagements, releases };
}

const KEY_PREFIX = 'kill.';

/** The key of a scope: what no key may hold is written as `=` and four hex digits. */
export function keyOfScope(scope: string): string {
  const escape = (character: string): string => `=${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${KEY_PREFIX}${scope.replace(/[^A-Za-z0-9_-]/g, escape)}`;
}

/** The scope of a key; undefined for a key that we would never write. */
export function scopeOfKey(key: string): string | undefined {
  const scope = key
    .slice(KEY_PREFIX.length)
    .replace(/=([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return isKillScope(scope) && keyOfScope(scope) === key ? scope : undefined;
}
