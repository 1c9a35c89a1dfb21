import { assert } from '@evenkeel/kernel';
import { ChainNode, field } from '../json-rpc';
import type { Call } from '../json-rpc';
import { quantity, readCount, readHex, readQuantity } from '../hex';
import { contractAddress } from './contract-address';
import type { Anvil, AnvilSettings } from './anvil';
import { startAnvil } from './anvil';

/** What an unlocked account of the local chain sends; the node signs it. */
export interface Sending {
  readonly from: string;
  /** Absent: it makes a contract. */
  readonly to?: string;
  readonly data: string;
  readonly value?: bigint;
  readonly gas?: number;
  /** Above what others pay, to come first in the block. */
  readonly maxFeePerGas?: bigint;
}

const GAS = 3_000_000;
const FEE_CAP = 500_000_000_000n;
const TIP = 1_000_000_000n;

/** The local chain as whoever plays the rest of the world sees it: accounts that need no key, blocks and reorganisations on command. */
export class LocalChain {
  readonly node: ChainNode;
  private readonly nonces = new Map<string, number>();

  private constructor(
    readonly anvil: Anvil,
    readonly accounts: readonly string[],
  ) {
    this.node = new ChainNode({ name: 'anvil', url: anvil.url, timeoutMs: 60_000 });
  }

  static async start(settings: AnvilSettings = {}): Promise<LocalChain> {
    const anvil = await startAnvil(settings);
    const node = new ChainNode({ name: 'anvil', url: anvil.url });
    const accounts = (await node.call('eth_accounts')) as readonly string[]; // the node's own list, from a node we started
    node.close();
    return new LocalChain(
      anvil,
      accounts.map((one) => readHex(one, 20)),
    );
  }

  async stop(): Promise<void> {
    this.node.close();
    await this.anvil.stop();
  }

  account(index: number): string {
    const found = this.accounts[index];
    assert(found !== undefined, `the local chain has an account ${index}`);
    return found;
  }

  /** Puts transactions into the node's pool, in order; answers their hashes. */
  async send(sendings: readonly Sending[]): Promise<string[]> {
    const calls: Call[] = [];
    for (const { from, to, data, value = 0n, gas = GAS, maxFeePerGas = FEE_CAP } of sendings) {
      const nonce = await this.nextNonce(from);
      const request = {
        from,
        ...(to === undefined ? {} : { to }),
        data,
        value: quantity(value),
        gas: quantity(gas),
        nonce: quantity(nonce),
        maxFeePerGas: quantity(maxFeePerGas),
        maxPriorityFeePerGas: quantity(TIP),
      };
      calls.push(['eth_sendTransaction', [request]]);
    }
    return (await this.node.batch(calls)).map((hash) => readHex(hash, 32));
  }

  /** Makes contracts in the next block; throws where one fails. */
  async deploy(from: string, codes: readonly string[]): Promise<string[]> {
    const addresses: string[] = [];
    const hashes: string[] = [];
    for (const data of codes) {
      addresses.push(contractAddress(from, await this.peekNonce(from)));
      hashes.push(...(await this.send([{ from, data, gas: 12_000_000 }])));
      await this.mine();
    }
    await this.requireSuccess(hashes);
    return addresses;
  }

  /** One block of what the pool holds; answers its number. */
  async mine(seconds = 12): Promise<number> {
    await this.node.batch([
      ['evm_increaseTime', [seconds]],
      ['evm_mine', []],
    ]);
    return this.height();
  }

  async mineEmpty(count: number): Promise<void> {
    await this.node.call('anvil_mine', [quantity(count), quantity(12)]);
  }

  /** The last `depth` blocks are replaced by as many others, empty ones. What was in them is gone until somebody sends it again. */
  async reorganize(depth: number): Promise<void> {
    await this.node.call('anvil_reorg', [depth, []]);
    this.nonces.clear();
  }

  async height(): Promise<number> {
    return readCount(await this.node.call('eth_blockNumber'));
  }

  async requireSuccess(hashes: readonly string[]): Promise<void> {
    const receipts = await this.node.batch(hashes.map((hash) => ['eth_getTransactionReceipt', [hash]]));
    receipts.forEach((receipt, index) =>
      assert(field(receipt, 'status') === '0x1', `transaction ${index} of ${hashes.length} succeeded`),
    );
  }

  async baseFee(): Promise<bigint> {
    return readQuantity(
      field(await this.node.call('eth_getBlockByNumber', ['latest', false]), 'baseFeePerGas'),
    );
  }

  /** Nonces are asked anew: of use where another sent for the account, or a reorganisation took some back. */
  forgetNonces(): void {
    this.nonces.clear();
  }

  private async peekNonce(account: string): Promise<number> {
    const known = this.nonces.get(account);
    if (known !== undefined) return known;
    const nonce = readCount(await this.node.call('eth_getTransactionCount', [account, 'pending']));
    this.nonces.set(account, nonce);
    return nonce;
  }

  private async nextNonce(account: string): Promise<number> {
    const nonce = await this.peekNonce(account);
    this.nonces.set(account, nonce + 1);
    return nonce;
  }
}
