import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';

import { packMessage, type Packable } from './message-pack';

export type Action = { readonly [key: string]: Packable };

export interface SignedTerms {
  readonly action: Action;
  /** Milliseconds, and never twice for one key. */
  readonly nonce: number;
  /** The sub-account or vault that the key acts for, where it is not its own. */
  readonly vaultAddress?: string;
  /** The venue refuses it from then on. */
  readonly expiresAfter?: number;
}

export interface ActionSignature {
  readonly r: string;
  readonly s: string;
  readonly v: number;
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const PRIVATE_KEY = /^(?:0x)?([0-9a-fA-F]{64})$/;

export const isAddress = (text: string): boolean => ADDRESS.test(text);
export const isPrivateKey = (text: string): boolean => PRIVATE_KEY.test(text);

const keccak = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.from(keccak_256(Buffer.concat(parts.map((part) => Buffer.from(part)))));

const hexBytes = (text: string): Buffer => Buffer.from(text.replace(/^0x/, ''), 'hex');

function eightBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Keccak-256 of the packed action, the nonce, whom it is for, and when it ends. */
export function actionHash({ action, nonce, vaultAddress, expiresAfter }: SignedTerms): Buffer {
  return keccak(
    packMessage(action),
    eightBytes(nonce),
    ...(vaultAddress === undefined ? [Buffer.of(0)] : [Buffer.of(1), hexBytes(vaultAddress)]),
    ...(expiresAfter === undefined ? [] : [Buffer.of(0), eightBytes(expiresAfter)]),
  );
}

const CHAIN = Buffer.alloc(32);
CHAIN.writeUInt16BE(1337, 30);
const DOMAIN = keccak(
  keccak('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
  keccak('Exchange'),
  keccak('1'),
  CHAIN,
  Buffer.alloc(32),
);
const AGENT = keccak('Agent(string source,bytes32 connectionId)');

/** What is signed, by EIP-712: an agent that stands for the action. `a` is the chain of real money, `b` that of play money. */
function digestOf(terms: SignedTerms, real: boolean): Buffer {
  const agent = keccak(AGENT, keccak(real ? 'a' : 'b'), actionHash(terms));
  return keccak(Buffer.of(0x19, 0x01), DOMAIN, agent);
}

export function signAction(privateKey: string, terms: SignedTerms, real: boolean): ActionSignature {
  const { r, s, recovery } = secp256k1.sign(digestOf(terms, real), keyBytes(privateKey));
  return { r: `0x${r.toString(16)}`, s: `0x${s.toString(16)}`, v: 27 + recovery };
}

/** The address whose key has signed; undefined where nobody's has. */
export function signerOf(
  terms: SignedTerms,
  { r, s, v }: ActionSignature,
  real: boolean,
): string | undefined {
  try {
    const signature = new secp256k1.Signature(BigInt(r), BigInt(s)).addRecoveryBit(v - 27);
    return addressOfPublicKey(signature.recoverPublicKey(digestOf(terms, real)).toRawBytes(false));
  } catch {
    return undefined; // no point of the curve
  }
}

export const addressOf = (privateKey: string): string =>
  addressOfPublicKey(secp256k1.getPublicKey(keyBytes(privateKey), false));

const addressOfPublicKey = (uncompressed: Uint8Array): string =>
  `0x${keccak(uncompressed.subarray(1)).subarray(12).toString('hex')}`;

const keyBytes = (privateKey: string): Buffer => hexBytes(privateKey.trim());
