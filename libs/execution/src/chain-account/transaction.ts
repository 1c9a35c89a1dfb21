import { keccak_256 } from '@noble/hashes/sha3';
import { assert, fromHex, toHex } from '@evenkeel/kernel';
import { RLP } from 'micro-eth-signer/rlp';

/** An EIP-1559 transaction before it is signed. Amounts in wei. */
export interface UnsignedTransaction {
  readonly chainId: number;
  readonly nonce: number;
  /** `0x` and 40 hex digits. */
  readonly to: string;
  readonly value: bigint;
  /** Call data, `0x` and hex digits. */
  readonly data: string;
  readonly gasLimit: number;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
  readonly yParity: 0 | 1;
}

export interface SignedTransaction {
  /** What a node takes. Whoever has it can send it: it stands in the outbox and nowhere else. */
  readonly raw: string;
  readonly hash: string;
}

const EIP_1559 = 2;

/** What is signed: Keccak-256 of `0x02 || rlp(fields)` with an empty access list. EIP-1559. */
export function signingHash(transaction: UnsignedTransaction): string {
  return hexOf(keccak_256(serialized(transaction)));
}

/** The bytes and the hash of a transaction with its signature; known before any node sees them. */
export function signedTransaction(transaction: UnsignedTransaction, signature: Signature): SignedTransaction {
  const bytes = serialized(transaction, signature);
  return { raw: hexOf(bytes), hash: hexOf(keccak_256(bytes)) };
}

function serialized(transaction: UnsignedTransaction, signature?: Signature): Uint8Array {
  const { to, data } = transaction;
  const integers = [
    BigInt(transaction.chainId),
    BigInt(transaction.nonce),
    transaction.maxPriorityFeePerGas,
    transaction.maxFeePerGas,
    BigInt(transaction.gasLimit),
  ].map(integer);
  const signed = signature === undefined ? [] : [BigInt(signature.yParity), signature.r, signature.s];
  const fields = [...integers, bytesOf(to), integer(transaction.value), bytesOf(data), []];
  return Uint8Array.of(EIP_1559, ...RLP.encode([...fields, ...signed.map(integer)]));
}

/** Big-endian without leading zeros; zero is empty, which RLP of micro-eth-signer 0.14.0 makes a byte of. */
function integer(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return bytesOf(`0x${digits.length % 2 === 1 ? '0' : ''}${digits}`);
}

function hexOf(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

function bytesOf(text: string): Uint8Array {
  const bytes = text.startsWith('0x') ? fromHex(text.slice(2)) : undefined;
  assert(bytes !== undefined, `${text.slice(0, 20)} is hexadecimal, with 0x before it`);
  return bytes;
}
