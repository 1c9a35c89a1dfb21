import { readFileSync, statSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1';
import { InvalidInputError, OperationalError, fromHex } from '@evenkeel/kernel';
import { addressOfKey, addressOfSigner } from './addresses';
import { bytesOf, hexOf, readHex } from './hex';
import type { ChainNode } from './json-rpc';
import type { Signature } from '@evenkeel/execution';

/** Signs for one account and holds each signature to it. The key itself is out of reach. */
export interface ChainSigner {
  readonly address: string;
  /** Of 32 bytes, with the lower of the two values of s (EIP-2). */
  sign(hash: Uint8Array): Promise<Signature>;
}

/** A key that somebody else holds: what key management services and hardware have in common. */
export interface DigestKey {
  /** DER (SubjectPublicKeyInfo), or the point in 33 or 65 bytes. */
  publicKey(): Promise<Uint8Array>;
  /** ECDSA over 32 bytes that are hashed already, as DER. Need not be the same twice, nor have the lower s. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

const FOR_OTHERS = 0o077;
const POINT_BYTES = 65;

/** The account of a key file: 64 hex digits, readable by its owner alone. Throws `InvalidInputError` naming the file, never what is in it. */
export function fileSigner(path: string): ChainSigner {
  const problem = (message: string): InvalidInputError =>
    new InvalidInputError('the key of a chain account', [{ path, message }]);
  const { mode } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (mode === undefined) throw problem('does not exist');
  if ((mode & FOR_OTHERS) !== 0) throw problem('can be read by others: chmod 600');
  const key = fromHex(readFileSync(path, 'utf8').trim().replace(/^0x/, ''));
  if (key === undefined || !secp256k1.utils.isValidPrivateKey(key))
    throw problem('is not a private key: 64 hex digits');
  return {
    address: addressOfKey(secp256k1.getPublicKey(key, false)),
    sign: (hash) => {
      const { r, s, recovery } = secp256k1.sign(hash, key);
      return Promise.resolve({ r, s, yParity: recovery === 0 ? 0 : 1 });
    },
  };
}

/** The account of a key that somebody else holds. Throws `CHAIN.SIGNED_OTHERWISE` for a signature of any other key. */
export async function digestSigner(key: DigestKey): Promise<ChainSigner> {
  const address = addressOfKey(pointOf(await key.publicKey()));
  return { address, sign: async (hash) => recoverable(hash, await key.signDigest(hash), address) };
}

/** A key behind a service of one's own that speaks JSON-RPC: `signer_publicKey`, `signer_signDigest`. */
export function remoteKey(service: ChainNode): DigestKey {
  const bytes = async (method: string, params: readonly unknown[]): Promise<Uint8Array> =>
    bytesOf(readHex(await service.call(method, params)));
  return {
    publicKey: () => bytes('signer_publicKey', []),
    signDigest: (digest) => bytes('signer_signDigest', [hexOf(digest)]),
  };
}

/** The point at the end of a DER key, or the key itself where it is a point. */
function pointOf(key: Uint8Array): Uint8Array {
  const point = key.length > POINT_BYTES ? key.slice(-POINT_BYTES) : key;
  try {
    return secp256k1.ProjectivePoint.fromHex(point).toRawBytes(false);
  } catch {
    throw otherwise('what it gave is no public key of secp256k1');
  }
}

/** Services do not say which of two keys a signature is of: it is the one that gives the address. */
function recoverable(hash: Uint8Array, der: Uint8Array, address: string): Signature {
  const { r, s } = readDer(der);
  for (const yParity of [0, 1] as const) {
    try {
      if (addressOfSigner(hash, { r, s, yParity }) === address) return { r, s, yParity };
    } catch {
      // No point has this r with this parity.
    }
  }
  throw otherwise(`the signature is not of ${address}`);
}

function readDer(der: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  try {
    return secp256k1.Signature.fromDER(der).normalizeS();
  } catch {
    throw otherwise('what it gave is no signature in DER');
  }
}

function otherwise(why: string): OperationalError {
  return new OperationalError({ code: 'CHAIN.SIGNED_OTHERWISE', message: `a signer did not sign: ${why}` });
}
