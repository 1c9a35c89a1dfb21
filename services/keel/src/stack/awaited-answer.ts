import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import type { AskedOnRecord } from '@evenkeel/adapter-nats';
import type { Became } from '@evenkeel/desk';
import type { Home } from './home';

/** A person at a terminal waits so long to hear what became of a command. */
const PATIENCE_MS = 30_000;
const SAYS_SO_AFTER_MS = 1_000;
const LOOK_MS = 150;

/** What was asked in the open epoch, as this home trusts its journal. */
export async function askedHere(connection: NatsConnection, home: Home): Promise<AskedOnRecord> {
  const [{ AskedOnRecord: Record }, { CommitKeyring }] = await Promise.all([
    import('@evenkeel/adapter-nats'),
    import('../identity/commit-keyring'),
  ]);
  return Record.open(connection, new CommitKeyring(home).trust());
}

/** Asks until there is an answer, and for a few seconds at most; says meanwhile that it waits. */
export async function awaitedAnswer(
  ask: () => Promise<Became | undefined>,
  say: () => void,
  patienceMs = PATIENCE_MS,
): Promise<Became | undefined> {
  const from = performance.now();
  for (let said = false; ;) {
    const became = await ask();
    const waited = performance.now() - from;
    if (became !== undefined || waited >= patienceMs) return became;
    if (!said && waited >= SAYS_SO_AFTER_MS) {
      say();
      said = true;
    }
    await delay(LOOK_MS);
  }
}

/** In one line; `who`: the service that answers. */
export function becameText(who: string, { refused, at, sequence }: Became): string {
  return refused.length === 0
    ? `in force since ${at} (sequence ${sequence})`
    : `refused by ${who}: ${refused.join(', ')} (sequence ${sequence})`;
}
