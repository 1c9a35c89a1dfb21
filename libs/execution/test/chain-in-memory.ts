import type { ChainBlock } from '@evenkeel/facts';
import { formatInstant, parseInstant, sha256, toHex } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';

/** A transaction as nodes see it. */
export interface RawTransaction {
  readonly hash: string;
  readonly nonce: number;
  readonly action: string;
  readonly actionId: string;
  readonly gasLimit: number;
  readonly maxFee: bigint;
  readonly tip: bigint;
}

export interface MinedTransaction extends RawTransaction {
  readonly index: number;
  readonly gasUsed: number;
  readonly gasPrice: bigint;
  readonly reverted: string | undefined;
}

export interface MinedBlock extends ChainBlock {
  readonly time: string;
  readonly baseFee: bigint;
  readonly transactions: readonly MinedTransaction[];
}

const START = parseInstant('2026-01-05T00:00:00Z');
const BLOCK_NANOS = 12_000_000_000n;
const GWEI = 1_000_000_000n;
const CALM = 20n * GWEI;
const NO_FEWER = 5n * GWEI;

/**
 * One account's view of a chain that behaves as chains do: replacement for a tenth more, what pays too little waits, what is reorganised
 * away comes back or does not, and pools forget.
 */
export class ChainInMemory {
  readonly blocks: MinedBlock[] = [];
  private readonly pool = new Map<number, RawTransaction>();
  private readonly byNonce = new Map<number, MinedTransaction>();
  private baseFee = CALM;
  private forks = 0;
  /** Number of the highest block there was. */
  private highest = 0;

  constructor(private readonly random: Random) {
    this.mine();
  }

  get head(): MinedBlock {
    const head = this.blocks.at(-1);
    if (head === undefined) throw new Error('a chain begins with a block');
    return head;
  }

  /** Transactions of the chain as it stands, by nonce. */
  mined(): ReadonlyMap<number, MinedTransaction> {
    return this.byNonce;
  }

  nextBaseFee(): bigint {
    return this.baseFee;
  }

  /** False where the node turns it down: its nonce is used, or it pays too little to take another's place. */
  send(transaction: RawTransaction): boolean {
    if (transaction.nonce < this.mined().size) return false;
    const other = this.pool.get(transaction.nonce);
    if (other?.hash === transaction.hash) return true;
    if (
      other !== undefined &&
      !(tenthMore(transaction.maxFee, other.maxFee) && tenthMore(transaction.tip, other.tip))
    )
      return false;
    this.pool.set(transaction.nonce, transaction);
    return true;
  }

  mine(): MinedBlock {
    const transactions: MinedTransaction[] = [];
    for (let nonce = this.mined().size; ; nonce += 1) {
      const next = this.pool.get(nonce);
      if (next === undefined || next.maxFee < this.baseFee) break;
      this.pool.delete(nonce);
      transactions.push(this.executed(next, transactions.length));
    }
    const number = this.blocks.length;
    const time = formatInstant(START + BigInt(number) * BLOCK_NANOS);
    const hash = `0x${toHex(sha256(new TextEncoder().encode(`${number}/${this.forks}`)))}`;
    const block = { number, hash, time, baseFee: this.baseFee, transactions };
    this.blocks.push(block);
    this.highest = Math.max(this.highest, number);
    for (const transaction of transactions) this.byNonce.set(transaction.nonce, transaction);
    this.drift();
    return block;
  }

  /**
   * Takes the newest blocks away; what they held goes back into the pool, or is lost. However many reorganisations follow each other,
   * none reaches `finality` blocks below the highest block there was.
   */
  reorganise(depth: number, finality: number): readonly MinedBlock[] {
    const lowest = Math.max(1, this.blocks.length - depth, this.highest - finality + 2);
    const gone = this.blocks.splice(lowest);
    this.forks += 1;
    for (const transaction of gone.flatMap(({ transactions }) => transactions)) {
      this.byNonce.delete(transaction.nonce);
      if (this.random.next() < 0.6 && !this.pool.has(transaction.nonce))
        this.pool.set(transaction.nonce, transaction);
    }
    return gone;
  }

  /** The pool forgets one of those that wait. */
  forget(): void {
    const nonces = [...this.pool.keys()];
    const nonce = nonces[this.random.integer(Math.max(1, nonces.length))];
    if (nonce !== undefined) this.pool.delete(nonce);
  }

  spike(times: bigint): void {
    this.baseFee *= times;
  }

  private executed(transaction: RawTransaction, index: number): MinedTransaction {
    const gasPrice =
      this.baseFee + transaction.tip < transaction.maxFee
        ? this.baseFee + transaction.tip
        : transaction.maxFee;
    const reverted =
      transaction.action !== 'cancel' && this.random.next() < 0.03 ? 'Too little received' : undefined;
    return { ...transaction, index, gasUsed: Math.floor(transaction.gasLimit * 0.7), gasPrice, reverted };
  }

  /** An eighth a block at most, back to what is usual. */
  private drift(): void {
    if (this.baseFee > CALM) this.baseFee -= this.baseFee / 8n;
    else this.baseFee += (BigInt(this.random.integer(5)) - 2n) * GWEI;
    if (this.baseFee < NO_FEWER) this.baseFee = NO_FEWER;
  }
}

function tenthMore(fee: bigint, than: bigint): boolean {
  return fee * 10n >= than * 11n;
}
