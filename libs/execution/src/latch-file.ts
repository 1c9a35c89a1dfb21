import { uuidV5 } from '@evenkeel/kernel';
import { isKillScope } from './kill-switch';
import type { Engagement, KillScope } from './kill-switch';

/**
 * Files of the kill folder: `<scope, percent-encoded>~<engagement>.json`, holding who stopped it and why. Whatever lies there
 * stops something: a name that says no scope stops the firm, and content that cannot be read stops what the name says.
 */

const ENGAGEMENT = /~([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export interface FileLatch {
  readonly scope: KillScope;
  readonly engagement: Engagement;
  /** What is wrong with the file, where it is not as we write them. */
  readonly problem?: string;
}

export function latchFileName(scope: KillScope, engagement: string): string {
  return `${encodeURIComponent(scope)}~${engagement}.json`;
}

export function encodeLatchFile({ engagement, by, reason, at }: Engagement): string {
  return JSON.stringify({ engaged: true, engagement, by, reason, at });
}

/**
 * What a file stops. `content`: its text; undefined where it cannot be read (a folder, no permission). `stamp`: what changes
 * when somebody puts another file there, for those without an engagement of their own.
 */
export function latchOfFile(name: string, content: string | undefined, stamp: string): FileLatch {
  const stem = name.replace(/\.json$/i, '');
  const named = ENGAGEMENT.exec(stem)?.[1];
  // Another ending may be part of an id, or not.
  const unclear = stem === name && name.includes('.');
  const scope = unclear
    ? undefined
    : scopeNamed(named === undefined ? stem : stem.slice(0, -named.length - 1));
  const told = content === undefined ? undefined : tellIn(content);
  const engagement = named ?? told?.engagement ?? uuidV5(`latch-file|${name}|${stamp}`);
  const wellNamed =
    scope !== undefined && (name === `${encodeURIComponent(scope)}.json` || named !== undefined);
  const problem = !wellNamed
    ? 'no name of a latch'
    : told === undefined
      ? 'no content of a latch'
      : undefined;
  const { by, reason, at } = told ?? UNTOLD;
  return {
    scope: scope ?? 'firm',
    engagement: { engagement, by, reason: told === undefined ? `${reason} ${name}` : reason, at },
    ...(problem === undefined ? {} : { problem }),
  };
}

export const UNTOLD = { by: 'a file', reason: 'the kill folder holds', at: '1970-01-01T00:00:00Z' };

/** The scope that a name may mean; undefined where none can be made of it. */
function scopeNamed(stem: string): KillScope | undefined {
  for (const text of [decoded(stem), stem]) {
    if (text === undefined) continue;
    const colon = text.indexOf(':');
    const lowered = colon < 0 ? text.toLowerCase() : text.slice(0, colon).toLowerCase() + text.slice(colon);
    if (isKillScope(lowered)) return lowered;
  }
  return undefined;
}

function decoded(stem: string): string | undefined {
  try {
    return decodeURIComponent(stem);
  } catch {
    return undefined; // a bare %
  }
}

/** Who, why and when, as far as the content says so; whether it says `engaged` does not matter: it lies there. */
function tellIn(content: string): (Omit<Engagement, 'engagement'> & { engagement?: string }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { engagement, by, reason, at } = value as Record<string, unknown>; // a non-null object has string keys
  if (typeof by !== 'string' || by === '' || typeof reason !== 'string' || typeof at !== 'string')
    return undefined;
  const own = typeof engagement === 'string' && ENGAGEMENT.test(`~${engagement}`) ? { engagement } : {};
  return { by, reason, at, ...own };
}
