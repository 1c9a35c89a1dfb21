import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';
import type { Signature } from '@evenkeel/execution';
import { hexOf } from './hex';

const UNCOMPRESSED = 65;

/** The account of a public key: the last 20 bytes of its Keccak-256. Takes 33 or 65 bytes. */
export function addressOfKey(publicKey: Uint8Array): string {
  const point =
    publicKey.length === UNCOMPRESSED
      ? publicKey
      : secp256k1.ProjectivePoint.fromHex(publicKey).toRawBytes(false);
  return hexOf(keccak_256(point.slice(1)).slice(12));
}

/** The account that signed this hash. */
export function addressOfSigner(hash: Uint8Array, { r, s, yParity }: Signature): string {
  const signature = new secp256k1.Signature(r, s).addRecoveryBit(yParity);
  return addressOfKey(signature.recoverPublicKey(hash).toRawBytes(false));
}
