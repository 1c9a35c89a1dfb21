import { failure, success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { fromBase64, toBase64 } from '../encoding/base64';
import { HASH_BYTES } from '../merkle/hasher';
import type { Hash } from '../merkle/hasher';
import { verifyInclusion } from '../merkle/inclusion';
import { verifyCheckpoint } from './verify-checkpoint';
import type { TrustPolicy, VerifiedCheckpoint } from './verify-checkpoint';

/** C2SP tlog-proof: one leaf, its inclusion proof and the checkpoint, as text (`.tlog-proof`). */
export interface TlogProof {
  /** Leaf index. */
  readonly index: number;
  readonly proof: readonly Hash[];
  /** Signed checkpoint note. */
  readonly checkpoint: string;
  /** Opaque and vouched for by nobody. */
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const PROOF_LINES_MAX = 63;

export function formatTlogProof(proof: TlogProof): string {
  const lines = [HEADER];
  if (proof.extra !== undefined) lines.push(`extra ${toBase64(proof.extra)}`);
  lines.push(`index ${proof.index}`, ...proof.proof.map(toBase64), '', proof.checkpoint);
  return lines.join('\n');
}

/** Reads a proof file. Fails with `AUDIT.PROOF_MALFORMED`. */
export function parseTlogProof(text: string): Result<TlogProof> {
  const end = text.indexOf('\n\n');
  const lines = end < 0 ? [] : text.slice(0, end).split('\n');
  if (lines.shift() !== HEADER) return malformed(`it does not start with ${HEADER}`);
  const extraText = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice(6) : undefined;
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  if (extraText !== undefined && extra === undefined) return malformed('its extra data is not base64');
  const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(index)) return malformed('it names no index');
  if (lines.length > PROOF_LINES_MAX) return malformed('its proof is too long');
  const proof: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return malformed('a proof line is not 32 bytes of base64');
    proof.push(hash);
  }
  const checkpoint = text.slice(end + 2);
  return success(extra === undefined ? { index, proof, checkpoint } : { index, proof, checkpoint, extra });
}

function malformed(why: string): Result<never> {
  return failure('AUDIT.PROOF_MALFORMED', `This is not a tlog-proof: ${why}.`);
}

/** Judges a proof file for a leaf hash. Fails as `verifyCheckpoint` does, or with `AUDIT.INCLUSION_INVALID`. */
export function verifyTlogProof(
  text: string,
  leafHash: Hash,
  trust: TrustPolicy,
): Result<VerifiedCheckpoint> {
  const parsed = parseTlogProof(text);
  if (!parsed.ok) return parsed;
  const verified = verifyCheckpoint(parsed.value.checkpoint, trust);
  if (!verified.ok) return verified;
  const { size, root } = verified.value.checkpoint;
  const { index, proof } = parsed.value;
  return verifyInclusion({ index, size, leafHash, proof }, root)
    ? verified
    : failure('AUDIT.INCLUSION_INVALID', `The leaf is not number ${index} of the signed tree of ${size}.`);
}
