import { keccak_256 } from '@noble/hashes/sha3';
import { RLP } from 'micro-eth-signer/rlp';
import { addressOfSigner } from '../addresses';
import { bytesOf, hexOf } from '../hex';

/** A signed transaction as a node reads it. */
export interface Waiting {
  readonly hash: string;
  readonly raw: string;
  readonly from: string;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly value: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What an account has at the newest block. */
export interface AccountState {
  readonly nonce: number;
  readonly balance: bigint;
}

const REPLACEMENT_PERCENT = 110n;

/**
 * The pool of waiting transactions by geth's rules, since the local node's own hides what real chains do: it throws out what pays less than
 * the next base fee, takes a replacement for one wei more, and forgets what a reorganisation took back.
 */
export class WaitingPool {
  private readonly waiting = new Map<string, Waiting>();
  private readonly included = new Map<string, Waiting>();

  /** Why the transaction is refused, in geth's words; undefined where it waits now. */
  add(transaction: Waiting, account: AccountState): string | undefined {
    const { hash, nonce, from, gasLimit, value } = transaction;
    if (this.waiting.has(hash)) return 'already known';
    if (nonce < account.nonce) return 'nonce too low';
    if (gasLimit * transaction.maxFeePerGas + value > account.balance)
      return 'insufficient funds for gas * price + value';
    const before = this.all().find((other) => other.from === from && other.nonce === nonce);
    if (before !== undefined && !outbids(transaction, before)) return 'replacement transaction underpriced';
    if (before !== undefined) this.waiting.delete(before.hash);
    this.waiting.set(hash, transaction);
    return undefined;
  }

  all(): Waiting[] {
    return [...this.waiting.values()];
  }

  get(hash: string): Waiting | undefined {
    return this.waiting.get(hash);
  }

  drop(hash: string): void {
    this.waiting.delete(hash);
  }

  /** Who has transactions waiting. */
  senders(): string[] {
    return [...new Set(this.all().map(({ from }) => from))];
  }

  /** The nonce behind those that wait without a gap. */
  pendingNonce(from: string, nonce: number): number {
    const nonces = new Set(
      this.all()
        .filter((one) => one.from === from)
        .map((one) => one.nonce),
    );
    let next = nonce;
    while (nonces.has(next)) next += 1;
    return next;
  }

  /** What the next block can take of this sender: nonces without a gap, each paying the base fee. */
  executable(from: string, nonce: number, baseFee: bigint): Waiting[] {
    const byNonce = new Map(
      this.all()
        .filter((one) => one.from === from)
        .map((one) => [one.nonce, one]),
    );
    const taken: Waiting[] = [];
    for (let next = byNonce.get(nonce); next !== undefined; next = byNonce.get(next.nonce + 1)) {
      if (next.maxFeePerGas < baseFee) break;
      taken.push(next);
    }
    return taken;
  }

  /** A block was made: what of this sender is below its nonce waits no more. */
  settle(from: string, nonce: number): void {
    for (const one of this.all()) {
      if (one.from !== from || one.nonce >= nonce) continue;
      this.waiting.delete(one.hash);
      this.included.set(one.hash, one);
    }
  }

  /** A block that had it is gone: it waits again, unless its nonce is used or another waits with it. */
  comeBack(nonceOf: ReadonlyMap<string, number>): void {
    for (const one of this.included.values()) {
      const nonce = nonceOf.get(one.from);
      if (nonce === undefined || one.nonce < nonce) continue;
      this.included.delete(one.hash);
      const taken = this.all().some((other) => other.from === one.from && other.nonce === one.nonce);
      if (!taken) this.waiting.set(one.hash, one);
    }
  }

  /** Senders of what was included through this pool. */
  includedSenders(): string[] {
    return [...new Set([...this.included.values()].map(({ from }) => from))];
  }

  /** A block that had them is gone and they are not sent again by anybody. */
  forgetIncluded(): void {
    this.included.clear();
  }
}

/** Reads an EIP-1559 transaction; undefined for any other bytes. */
export function readWaiting(raw: string): Waiting | undefined {
  const bytes = bytesOf(raw);
  if (bytes[0] !== 2) return undefined;
  const fields = RLP.decode(bytes.slice(1));
  if (!Array.isArray(fields) || fields.length !== 12) return undefined;
  const integer = (index: number): bigint => {
    const part = fields[index];
    return part instanceof Uint8Array && part.length > 0 ? BigInt(hexOf(part)) : 0n;
  };
  const unsigned = Uint8Array.of(2, ...RLP.encode(fields.slice(0, 9)));
  const signature = {
    r: integer(10),
    s: integer(11),
    yParity: integer(9) === 1n ? (1 as const) : (0 as const),
  };
  return {
    hash: hexOf(keccak_256(bytes)),
    raw,
    from: addressOfSigner(keccak_256(unsigned), signature),
    nonce: Number(integer(1)),
    maxPriorityFeePerGas: integer(2),
    maxFeePerGas: integer(3),
    gasLimit: integer(4),
    value: integer(6),
  };
}

function outbids(one: Waiting, before: Waiting): boolean {
  const more = (now: bigint, then: bigint): boolean => now * 100n >= then * REPLACEMENT_PERCENT;
  return (
    more(one.maxFeePerGas, before.maxFeePerGas) && more(one.maxPriorityFeePerGas, before.maxPriorityFeePerGas)
  );
}
