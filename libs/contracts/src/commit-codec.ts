import type { Context } from '@evenkeel/facts';
import type { Commit, SealedCommit } from '@evenkeel/eventing';
import { IntegrityFault, sha256 } from '@evenkeel/kernel';
import { CommitSchema } from './generated/evenkeel/journal/v1/journal_pb';
import { decodePayload, encodePayload } from './payloads';
import { decodePlain, encodePlain } from './wire';

/** The bytes of a commit, as published. */
export function encodeCommit(commit: Commit): Uint8Array {
  const events = commit.events.map(({ id, version, event }) => ({
    id,
    type: event.type,
    version,
    payload: encodePayload(event),
  }));
  return encodePlain(CommitSchema, { ...commit, events });
}

/** `seal` for reactors: encode and hash once. */
export function sealCommit(commit: Commit): SealedCommit {
  const bytes = encodeCommit(commit);
  return { commit, bytes, hash: sha256(bytes) };
}

interface WireCommit extends Omit<Commit, 'events' | 'aggregate'> {
  readonly aggregate: { readonly context: string; readonly type: string; readonly id: string };
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly version: number;
    readonly payload: Uint8Array;
  }[];
}

const CONTEXTS: ReadonlySet<string> = new Set<Context>([
  'price',
  'risk',
  'strategy',
  'execution',
  'governance',
]);

/** Reads published bytes. Throws `CONTRACTS.UNDECODABLE` for anything that is not a whole commit of a known version. */
export function decodeCommit(bytes: Uint8Array): Commit {
  try {
    const wire = decodePlain(CommitSchema, bytes) as unknown as WireCommit; // shape is the schema's; what may be absent is checked next
    const { aggregate, causation, actor, producer, config, clock } = wire;
    const present = [aggregate, causation, actor, producer, config, clock].every(
      (part) => part !== undefined,
    );
    if (
      !present ||
      wire.schemaVersion !== 1 ||
      !CONTEXTS.has(aggregate.context) ||
      wire.events.length === 0
    ) {
      throw new IntegrityFault({
        code: 'CONTRACTS.UNDECODABLE',
        message: 'the envelope is incomplete or of an unknown version',
      });
    }
    return {
      ...wire,
      aggregate: { ...aggregate, context: aggregate.context as Context }, // membership was just checked
      events: wire.events.map(({ id, type, version, payload }) => ({
        id,
        version,
        event: decodePayload(type, version, payload),
      })),
    };
  } catch (cause) {
    if (cause instanceof IntegrityFault) throw cause;
    throw new IntegrityFault({
      code: 'CONTRACTS.UNDECODABLE',
      message: `these bytes are not a commit: ${String(cause)}`,
      cause,
    });
  }
}
