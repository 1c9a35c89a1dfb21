import { fromHex, required, toHex, utf8 } from '@evenkeel/kernel';
import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';

import type { Credentials } from './credentials';
import { bigEndian, packMessage, type Packable } from './message-pack';

export interface HyperliquidSignature {
  readonly r: string;
  readonly s: string;
  readonly v: 27 | 28;
}

export interface HyperliquidAction {
  readonly action: Packable;
  /** Milliseconds; each may be used once. */
  readonly nonce: number;
  /** The vault or sub-account traded for, `0x…`. */
  readonly vaultAddress?: string;
  readonly mainnet: boolean;
}

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const AGENT_TYPE = 'Agent(string source,bytes32 connectionId)';
/** The chain id that Hyperliquid signs exchange actions under, whichever network it is. */
const CHAIN_ID = 1337;

/**
 * The signature of an exchange action: the hash of its MessagePack, nonce and vault is the connection id of a phantom agent, which is
 * signed as EIP-712 typed data with the agent key (the credentials' secret, hex).
 */
export function hyperliquidSignature(
  credentials: Credentials,
  request: HyperliquidAction,
): HyperliquidSignature {
  const connectionId = actionHash(request);
  const struct = keccak(text(AGENT_TYPE), text(request.mainnet ? 'a' : 'b'), connectionId);
  const digest = keccak_256(join(Uint8Array.of(0x19, 0x01), domainSeparator(), struct));
  const signature = secp256k1.sign(digest, bytesOf(credentials.revealSecret()), { lowS: true });
  return {
    r: `0x${signature.r.toString(16).padStart(64, '0')}`,
    s: `0x${signature.s.toString(16).padStart(64, '0')}`,
    v: signature.recovery === 1 ? 28 : 27,
  };
}

function actionHash({ action, nonce, vaultAddress }: HyperliquidAction): Uint8Array {
  const vault = vaultAddress === undefined ? Uint8Array.of(0) : join(Uint8Array.of(1), bytesOf(vaultAddress));
  return keccak_256(join(packMessage(action), Uint8Array.from(bigEndian(nonce, 8)), vault));
}

function domainSeparator(): Uint8Array {
  const chainId = Uint8Array.from(bigEndian(CHAIN_ID, 32));
  return keccak(text(DOMAIN_TYPE), text('Exchange'), text('1'), chainId, new Uint8Array(32));
}

/** A text enters typed data as its hash. */
function text(value: string): Uint8Array {
  return keccak_256(utf8(value));
}

function keccak(...words: readonly Uint8Array[]): Uint8Array {
  return keccak_256(join(...words));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bytesOf(hex: string): Uint8Array {
  return required(fromHex(hex.replace(/^0x/, '')), 'hex bytes');
}

/** For the record: which key signed, without the key. */
export function hyperliquidAddress(credentials: Credentials): string {
  const publicKey = secp256k1.getPublicKey(bytesOf(credentials.revealSecret()), false);
  return `0x${toHex(keccak_256(publicKey.slice(1)).slice(12))}`;
}
