import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  InvalidArgumentError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';

const TOO_LARGE: ReadonlySet<number> = new Set([10054, 10097]);
const WRONG_STREAM: ReadonlySet<number> = new Set([10060, 10109]);
const NO_ROOM: ReadonlySet<number> = new Set([10023, 10028, 10047]);
/** The server's name for whatever its store said; only the text tells a full stream from one that is closing. */
const STORE_FAILED = 10077;
const STORAGE_FULL = 'NATS.STORAGE_FULL';
/** Somebody has written the subject, or the same id is on its way: only a look at the stream tells who. */
const CONTESTED: ReadonlySet<number> = new Set([10071, 10158, 10164]);

/** There is no room for a message now; there may be later. */
export function isStorageFull(refusal: unknown): boolean {
  return refusal instanceof OperationalError && refusal.code === STORAGE_FULL;
}

/** The connection is being closed by ourselves: nothing more will be asked. */
export function isClosing(error: unknown): boolean {
  return error instanceof ClosedConnectionError || error instanceof DrainingConnectionError;
}

/** Whether asking again can help: the server is away, electing, busy, or its answer was lost. */
export function isTransient(error: unknown): boolean {
  if (error instanceof JetStreamApiError)
    return error.status === 429 || error.status === 408 || error.status >= 500;
  return (
    error instanceof RequestError ||
    error instanceof TimeoutError ||
    error instanceof NoRespondersError ||
    error instanceof JetStreamError ||
    error instanceof ConnectionError ||
    // The client's name for "no responders": an election, or a server on its way up. It does not export the class.
    (error instanceof Error && error.name === 'JetStreamNotEnabled')
  );
}

/**
 * What a publish that failed has come to: the error, where it is certain that nothing was stored and that trying again
 * cannot help; `undefined` where the message may be there, or may yet be accepted.
 */
export function refusalOf(error: unknown, subject: string): unknown {
  if (error instanceof JetStreamApiError && CONTESTED.has(error.code)) return undefined;
  const named = namedRefusal(error);
  if (named !== undefined) {
    const [code, what] = named;
    return new OperationalError({ code, message: `${subject} was refused: ${what}`, cause: error });
  }
  return isTransient(error) ? undefined : error;
}

function namedRefusal(error: unknown): readonly [code: string, what: string] | undefined {
  if (error instanceof JetStreamApiError) {
    if (TOO_LARGE.has(error.code)) return ['NATS.MESSAGE_TOO_LARGE', error.message];
    if (WRONG_STREAM.has(error.code)) return ['NATS.WRONG_STREAM', error.message];
    if (NO_ROOM.has(error.code)) return [STORAGE_FULL, error.message];
    if (error.code === STORE_FAILED && /maximum|no space/i.test(error.message))
      return [STORAGE_FULL, error.message];
    return isTransient(error) ? undefined : ['NATS.PUBLISH_REFUSED', `${error.message} (${error.code})`];
  }
  if (error instanceof InvalidArgumentError && /max_payload/.test(error.message))
    return ['NATS.MESSAGE_TOO_LARGE', 'it is above what this server takes (max_payload)'];
  return undefined;
}
