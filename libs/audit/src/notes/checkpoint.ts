import { assert, failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';
import { HASH_BYTES } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';

/** C2SP tlog-checkpoint: what a log says its tree is. */
export interface Checkpoint {
  /** Names the log for ever, e.g. `evenkeel.example/desk-1`. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  readonly root: Hash;
  /** Opaque further lines; we write none. */
  readonly extensions: readonly string[];
}

/** The note text of a checkpoint, with its final newline. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  assert(checkpoint.origin !== '' && !checkpoint.origin.includes('\n'), 'an origin is one line');
  assert(checkpoint.root.length === HASH_BYTES, 'a root has 32 bytes');
  return [
    checkpoint.origin,
    String(checkpoint.size),
    toBase64(checkpoint.root),
    ...checkpoint.extensions,
    '',
  ].join('\n');
}

/** Reads a checkpoint body. Fails with `AUDIT.CHECKPOINT_MALFORMED`. */
export function parseCheckpoint(text: string): Result<Checkpoint> {
  const lines = text.split('\n');
  if (lines.pop() !== '') return malformed('it does not end in a newline');
  const [origin, sizeText, rootText, ...extensions] = lines;
  if (origin === undefined || origin === '') return malformed('it has no origin');
  if (sizeText === undefined || !/^(0|[1-9]\d*)$/.test(sizeText))
    return malformed('its size is not a plain number');
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size)) return malformed('its size is beyond 2^53');
  const root = fromBase64(rootText ?? '');
  if (root?.length !== HASH_BYTES) return malformed('its root is not 32 bytes of base64');
  if (extensions.includes('')) return malformed('it has an empty extension line');
  return success({ origin, size, root, extensions });
}

function malformed(why: string): Result<never> {
  return failure('AUDIT.CHECKPOINT_MALFORMED', `This is not a checkpoint: ${why}.`);
}
