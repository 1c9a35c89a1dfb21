import { leafHashOf } from '@evenkeel/audit';
import { toHex } from '@evenkeel/kernel';
import { nativeMerkleHasher } from './native-hash';

/** The Merkle leaf of a commit, as libs/audit defines it. */
export function leafOf(epoch: string, seq: number, hash: Uint8Array): Uint8Array {
  return leafHashOf({ epoch, seq, commitHash: toHex(hash) }, nativeMerkleHasher);
}
