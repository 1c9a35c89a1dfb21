import { assert, utf8 } from '@evenkeel/kernel';

const TIMESTAMP_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

/** What a witness signs (tlog-cosignature v1): header line, time line, then the whole checkpoint body. */
export function cosignatureMessage(checkpointBody: string, timeSeconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${checkpointBody}`);
}

/** `timestamped_signature`: POSIX seconds as a big-endian u64, then the Ed25519 signature. */
export function joinTimestamped(timeSeconds: number, signature: Uint8Array): Uint8Array {
  assert(Number.isSafeInteger(timeSeconds) && timeSeconds >= 0, 'a cosignature time is whole POSIX seconds');
  const bytes = new Uint8Array(TIMESTAMP_BYTES + signature.length);
  let rest = timeSeconds;
  for (let at = TIMESTAMP_BYTES - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(signature, TIMESTAMP_BYTES);
  return bytes;
}

export interface TimestampedSignature {
  /** POSIX seconds. */
  readonly timeSeconds: number;
  readonly signature: Uint8Array;
}

/** Reads a `timestamped_signature`; `undefined` for another length or a time beyond 2^53. */
export function splitTimestamped(bytes: Uint8Array): TimestampedSignature | undefined {
  if (bytes.length !== TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES) return undefined;
  let timeSeconds = 0;
  for (let at = 0; at < TIMESTAMP_BYTES; at += 1) timeSeconds = timeSeconds * 256 + (bytes[at] ?? 0);
  if (!Number.isSafeInteger(timeSeconds)) return undefined;
  return { timeSeconds, signature: bytes.slice(TIMESTAMP_BYTES) };
}
