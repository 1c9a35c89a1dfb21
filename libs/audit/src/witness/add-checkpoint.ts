import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';
import { HASH_BYTES } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';

/** The body of `POST /add-checkpoint` (C2SP tlog-witness). */
export interface AddCheckpoint {
  /** The size the log believes the witness cosigned last. */
  readonly oldSize: number;
  /** Consistency proof from `oldSize` to the checkpoint. */
  readonly proof: readonly Hash[];
  readonly note: string;
}

const PROOF_LINES_MAX = 63;

export function formatAddCheckpoint(request: AddCheckpoint): string {
  return [`old ${request.oldSize}`, ...request.proof.map(toBase64), '', request.note].join('\n');
}

/** Reads a request body. Fails with `AUDIT.WITNESS_REQUEST_MALFORMED`. */
export function parseAddCheckpoint(body: string): Result<AddCheckpoint> {
  const end = body.indexOf('\n\n');
  if (end < 0) return malformed('it has no empty line before the checkpoint');
  const [first, ...lines] = body.slice(0, end).split('\n');
  const size = /^old (0|[1-9]\d*)$/.exec(first ?? '')?.[1];
  if (size === undefined || !Number.isSafeInteger(Number(size)))
    return malformed('its first line is not "old <size>"');
  if (lines.length > PROOF_LINES_MAX) return malformed(`its proof has more than ${PROOF_LINES_MAX} lines`);
  const proof: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return malformed('a proof line is not 32 bytes of base64');
    proof.push(hash);
  }
  return success({ oldSize: Number(size), proof, note: body.slice(end + 2) });
}

function malformed(why: string): Result<never> {
  return failure('AUDIT.WITNESS_REQUEST_MALFORMED', `This is not an add-checkpoint request: ${why}.`);
}
