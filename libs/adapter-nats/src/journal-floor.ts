import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/nats-core';
import { IntegrityFault, toHex } from '@evenkeel/kernel';
import { z } from 'zod';
import type { JetStreamEventLog } from './journal';
import { UnreadableMessage, readJson } from './unreadable';

/** A place that the journal of an epoch has had, known from outside of it: a journal that does not reach it has lost something. */
export interface JournalFloor {
  readonly epoch: string;
  readonly seq: number;
  /** SHA-256 of the commit there, in hex. */
  readonly hash: string;
}

/** Keeps the floor of a process: what it has appended or taken last. */
export interface FloorKeeper {
  note(seq: number, hash: Uint8Array): void;
  /** Resolves when everything noted so far is on the disk. */
  secure(): Promise<void>;
}

type Looked = Pick<JetStreamEventLog, 'name' | 'lastSeq' | 'hashAt'>;

/**
 * Holds the journal against a floor of whoever knows it (`known`, in words). Throws `EVENTING.LOG_BEHIND` for a journal that ends before
 * it, as after a restore of an older copy, and `EVENTING.LOG_REWRITTEN` for one that has something else there.
 */
export async function checkFloor(
  journal: Looked,
  epoch: string,
  floor: JournalFloor,
  known: string,
): Promise<void> {
  if (Number(epoch) > Number(floor.epoch) || floor.seq === 0) return;
  if (epoch !== floor.epoch)
    throw behind(
      `the newest journal on the server is of epoch ${epoch}, but ${known} knows epoch ${floor.epoch}`,
    );
  const last = await journal.lastSeq();
  if (last < floor.seq) throw behind(`${journal.name} ends with ${last}, but ${known} knows ${floor.seq}`);
  const hash = await journal.hashAt(floor.seq);
  if (hash !== undefined && toHex(hash) === floor.hash) return;
  throw new IntegrityFault({
    code: 'EVENTING.LOG_REWRITTEN',
    message: `${journal.name} has another commit at ${floor.seq} than the one that ${known} knows`,
  });
}

function behind(message: string): IntegrityFault {
  return new IntegrityFault({ code: 'EVENTING.LOG_BEHIND', message });
}

/** The ledger answers here with where its own record of the journal ends. */
export const LEDGER_FLOOR_SUBJECT = 'ek.ctl.floor.ledger';

const ANSWER_TIMEOUT_MS = 2_000;
const PAUSE_MS = 250;
const floorSchema = z.object({
  epoch: z.string().regex(/^\d{1,15}$/),
  seq: z.number().int().nonnegative(),
  hash: z.string().regex(/^([0-9a-f]{64})?$/),
});

/** Answers with the ledger's floor until the connection ends. */
export function answerLedgerFloor(connection: NatsConnection, floor: () => Promise<JournalFloor>): void {
  connection.subscribe(LEDGER_FLOOR_SUBJECT, {
    callback: (error, message) => {
      if (error !== null) return;
      // Whoever asks asks again: no answer is the answer of a ledger whose database is away.
      floor()
        .then((found) => void message.respond(JSON.stringify(found)))
        .catch(() => undefined);
    },
  });
}

/** Asks the ledger for its floor until it answers. `onWaiting` hears of each try in vain. */
export async function askLedgerFloor(
  connection: NatsConnection,
  onWaiting: (why: unknown) => void,
): Promise<JournalFloor> {
  for (;;) {
    try {
      const answer = await connection.request(LEDGER_FLOOR_SUBJECT, '', { timeout: ANSWER_TIMEOUT_MS });
      return readJson('floor', LEDGER_FLOOR_SUBJECT, answer.data, floorSchema);
    } catch (error) {
      // Of an answer that is none, nothing is believed: it is asked for again, and nothing is taken before.
      const isAway =
        error instanceof TimeoutError ||
        error instanceof NoRespondersError ||
        error instanceof RequestError ||
        error instanceof UnreadableMessage;
      if (!isAway) throw error;
      onWaiting(error);
      await delay(PAUSE_MS);
    }
  }
}
