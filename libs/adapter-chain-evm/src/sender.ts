import { IntegrityFault, OperationalError } from '@evenkeel/kernel';
import { bytesOf } from './hex';
import { NodeRefused } from './json-rpc';
import type { ChainNode, Refusal } from './json-rpc';
import type { Outbox } from './outbox';
import type { PrivateRelay } from './relay';
import type { ChainSigner } from './signer';
import { signedTransaction, signingHash } from '@evenkeel/execution';
import type { UnsignedTransaction } from '@evenkeel/execution';

/** What came of handing a transaction over. None of it says that it is included, and only `refused` that it cannot be. */
export type Broadcast =
  /** A node or the relay has it, now or from before. */
  | { readonly kind: 'accepted' }
  /** Its nonce is used on the chain: by itself, by another attempt, or by a stranger. */
  | { readonly kind: 'nonce-used' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** No answer: it may be on its way. */
  | { readonly kind: 'unknown' }
  /** The outbox has no such bytes: it has to be signed again. */
  | { readonly kind: 'bytes-lost' };

export type Way = 'public' | 'private';

/** Signs for one account and hands over what was signed; it decides neither nonce nor fee nor what comes next. */
export class ChainSender {
  constructor(
    private readonly signer: ChainSigner,
    private readonly outbox: Outbox,
    private readonly nodes: readonly ChainNode[],
    private readonly relay?: PrivateRelay,
  ) {}

  get address(): string {
    return this.signer.address;
  }

  /**
   * The hash of the transaction once signed. Its bytes are in the outbox when this returns, and no node has seen them. Throws
   * `CHAIN.INTENT_DIFFERS` where the fields are not those that `wanted` was made of, and what the signer throws.
   */
  async sign(transaction: UnsignedTransaction, wanted: string): Promise<string> {
    const digest = signingHash(transaction);
    if (digest !== wanted)
      throw new IntegrityFault({
        code: 'CHAIN.INTENT_DIFFERS',
        message: `the fields of nonce ${transaction.nonce} give ${digest}, not the ${wanted} of its intent`,
      });
    const signature = await this.signer.sign(bytesOf(digest));
    const signed = signedTransaction(transaction, signature);
    this.outbox.put(signed);
    return signed.hash;
  }

  /** Hands over what was signed; of use as often as one likes. `private`: to the relay alone, so that no pool shows it. */
  async broadcast(hash: string, way: Way, lastBlock?: number): Promise<Broadcast> {
    const raw = this.outbox.get(hash);
    if (raw === undefined) return { kind: 'bytes-lost' };
    if (way === 'private') {
      const { relay } = this;
      if (relay === undefined) return { kind: 'refused', refusal: 'NO_SUCH_METHOD' };
      return outcome(() => relay.send(raw, lastBlock), hash);
    }
    const sent = await Promise.all(
      this.nodes.map((node) => outcome(() => node.call('eth_sendRawTransaction', [raw]), hash)),
    );
    return sent.reduce(better);
  }
}

/** The most that is known: one node that has it is enough; one that gave no answer may have it. */
const RANK: readonly Broadcast['kind'][] = ['accepted', 'nonce-used', 'unknown', 'refused', 'bytes-lost'];

function better(a: Broadcast, b: Broadcast): Broadcast {
  return RANK.indexOf(a.kind) <= RANK.indexOf(b.kind) ? a : b;
}

async function outcome(send: () => Promise<unknown>, hash: string): Promise<Broadcast> {
  try {
    // A node that answers with anything else has read other bytes.
    return (await send()) === hash ? { kind: 'accepted' } : { kind: 'unknown' };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (!(error instanceof NodeRefused)) return { kind: 'unknown' };
    const { refusal } = error;
    if (refusal === 'ALREADY_KNOWN') return { kind: 'accepted' };
    return refusal === 'NONCE_TOO_LOW' ? { kind: 'nonce-used' } : { kind: 'refused', refusal };
  }
}
