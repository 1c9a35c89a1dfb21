import { keccak_256 } from '@noble/hashes/sha3';
import type { TransactionIntended } from '@evenkeel/facts';
import { assert, fromHex, toHex } from '@evenkeel/kernel';
import { encodeRlp, rlpInteger } from './rlp';

/** What a signer signs: every field of an EIP-1559 transaction, and nothing else. */
export type UnsignedTransaction = Pick<
  TransactionIntended,
  'nonce' | 'to' | 'data' | 'value' | 'gasLimit' | 'maxFeePerGas' | 'maxPriorityFeePerGas'
> & { readonly chainId: number };

const EIP_1559 = 2;

/** Keccak-256 of `0x02 || rlp(fields)` with an empty access list, `0x` and 64 hex digits. EIP-1559. */
export function signingHash(transaction: UnsignedTransaction): string {
  const fields = encodeRlp([
    rlpInteger(BigInt(transaction.chainId)),
    rlpInteger(BigInt(transaction.nonce)),
    rlpInteger(BigInt(transaction.maxPriorityFeePerGas)),
    rlpInteger(BigInt(transaction.maxFeePerGas)),
    rlpInteger(BigInt(transaction.gasLimit)),
    bytesOf(transaction.to),
    rlpInteger(BigInt(transaction.value)),
    bytesOf(transaction.data),
    [],
  ]);
  return `0x${toHex(keccak_256(Uint8Array.of(EIP_1559, ...fields)))}`;
}

function bytesOf(text: string): Uint8Array {
  const bytes = text.startsWith('0x') ? fromHex(text.slice(2)) : undefined;
  assert(bytes !== undefined, `${text.slice(0, 20)} is no hexadecimal text with 0x before it`);
  return bytes;
}
