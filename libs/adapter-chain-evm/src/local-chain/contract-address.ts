import { keccak_256 } from '@noble/hashes/sha3';
import { RLP } from 'micro-eth-signer/rlp';
import { bytesOf, hexOf } from '../hex';

/** Where a contract lands that `sender` makes with this nonce. RLP writes zero as nothing, the library as a byte. */
export function contractAddress(sender: string, nonce: number): string {
  const counted = nonce === 0 ? new Uint8Array(0) : nonce;
  return hexOf(keccak_256(RLP.encode([bytesOf(sender), counted])).slice(12));
}
