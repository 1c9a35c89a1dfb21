import { Buffer } from 'node:buffer';
import { nativeHex, nativeSha256 } from './native-hash';

/**
 * The Merkle leaf of a commit, byte for byte what `leafHashOf` of libs/audit gives (a test holds the two together): one
 * native call instead of canonical JSON and a hash in JavaScript, because every row pays for it.
 */
export function leafOf(epoch: string, seq: number, commitHash: Uint8Array): Uint8Array {
  const data = `{"commitHash":"${nativeHex(commitHash)}","epoch":${JSON.stringify(epoch)},"seq":${seq}}`;
  return nativeSha256(Buffer.from(`\0${data}`));
}
