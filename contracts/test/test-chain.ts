import { ChainNode, NodeRefused, startAnvil } from '@evenkeel/adapter-chain-evm';
import { assert, required } from '@evenkeel/kernel';
import type { Artifact, Value } from './artifact';

/** First time of every test chain: seconds, 1 January 2026. */
export const START = 1_767_225_600n;
const GAS = '0x1c9c380';

export interface Outcome {
  readonly gas: bigint;
  /** What it reverted with; absent where it succeeded. */
  readonly reverted?: string;
}

/** A contract at an address; every call names who makes it. */
export class Deployed {
  constructor(
    readonly chain: TestChain,
    readonly artifact: Artifact,
    readonly address: string,
  ) {}

  /** Sends a transaction and tells how it ended. */
  try(from: string, name: string, ...values: readonly Value[]): Promise<Outcome> {
    return this.chain.transact(this.artifact, {
      from,
      to: this.address,
      data: this.artifact.encode(name, values),
    });
  }

  /** Gas of a transaction that must succeed. */
  async send(from: string, name: string, ...values: readonly Value[]): Promise<bigint> {
    const { gas, reverted } = await this.try(from, name, ...values);
    assert(reverted === undefined, `${name} reverted: ${reverted ?? ''}`);
    return gas;
  }

  async read(name: string, ...values: readonly Value[]): Promise<unknown> {
    const [answer] = await this.readAll([[name, ...values]]);
    return answer;
  }

  async number(name: string, ...values: readonly Value[]): Promise<bigint> {
    return BigInt(String(await this.read(name, ...values)));
  }

  /** Several reads in one request. */
  async readAll(
    calls: readonly (readonly [name: string, ...values: readonly Value[]])[],
  ): Promise<unknown[]> {
    const answers = await this.chain.batch(
      calls.map(([name, ...values]) => [
        'eth_call',
        [{ to: this.address, data: this.artifact.encode(name, values) }, 'latest'],
      ]),
    );
    return calls.map(([name], index) => this.artifact.decode(name, String(answers[index])));
  }
}

type Call = readonly [method: string, params: readonly unknown[]];

const ACCOUNTS = 30;
const COIN = `0x${(10n ** 24n).toString(16)}`;

/** A real EVM of its own that makes a block of every transaction, or of many when told to. Every address may send. */
export class TestChain {
  private constructor(
    private readonly node: ChainNode,
    private readonly end: () => Promise<void>,
    readonly accounts: readonly string[],
  ) {}

  static async start(): Promise<TestChain> {
    const anvil = await startAnvil({ time: Number(START) });
    const node = new ChainNode({ name: 'test chain', url: anvil.url });
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `0xacc0${String(index + 10).repeat(18)}`);
    await node.batch([
      ['evm_setAutomine', [true]],
      ['anvil_autoImpersonateAccount', [true]],
      ...accounts.map((account) => ['anvil_setBalance', [account, COIN]] as const),
    ]);
    return new TestChain(node, () => anvil.stop(), accounts);
  }

  async stop(): Promise<void> {
    this.node.close();
    await this.end();
  }

  account(index: number): string {
    return required(this.accounts[index], `account ${index}`);
  }

  rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.node.call(method, params);
  }

  batch(calls: readonly Call[]): Promise<unknown[]> {
    return this.node.batch(calls);
  }

  async deploy(artifact: Artifact, ...values: readonly Value[]): Promise<Deployed> {
    const hash = await this.rpc('eth_sendTransaction', {
      from: this.account(0),
      data: artifact.creation(values),
      gas: GAS,
    });
    const { contractAddress, status } = await this.receipt(String(hash));
    assert(status === '0x1' && contractAddress !== null, 'the contract was deployed');
    return new Deployed(this, artifact, contractAddress);
  }

  async transact(artifact: Artifact, call: { from: string; to: string; data: string }): Promise<Outcome> {
    const hash = await this.rpc('eth_sendTransaction', { ...call, gas: GAS });
    const { status, gasUsed } = await this.receipt(String(hash));
    const gas = BigInt(gasUsed);
    if (status === '0x1') return { gas };
    return { gas, reverted: await this.reason(artifact, call) };
  }

  /** Sends without a block, puts all into one, in this order (each bids more than the next); gas and success of each. */
  async inOneBlock(
    calls: readonly { from: string; to: string; data: string }[],
  ): Promise<readonly Outcome[]> {
    await this.rpc('evm_setAutomine', false);
    const hashes: string[] = [];
    for (const call of calls)
      hashes.push(String(await this.rpc('eth_sendTransaction', { ...call, gas: '0x2dc6c0' })));
    await this.batch([
      ['evm_mine', []],
      ['evm_setAutomine', [true]],
    ]);
    const receipts = await Promise.all(hashes.map((hash) => this.receipt(hash)));
    return receipts.map(({ status, gasUsed }) =>
      status === '0x1' ? { gas: BigInt(gasUsed) } : { gas: BigInt(gasUsed), reverted: 'reverted' },
    );
  }

  async now(): Promise<bigint> {
    const block = (await this.rpc('eth_getBlockByNumber', 'latest', false)) as { timestamp: string }; // so answers a node
    return BigInt(block.timestamp);
  }

  /** The next block's time. */
  async setNext(seconds: bigint): Promise<void> {
    await this.rpc('evm_setNextBlockTimestamp', `0x${seconds.toString(16)}`);
  }

  /** A block this much later. */
  async pass(seconds: bigint): Promise<void> {
    await this.setNext((await this.now()) + seconds);
    await this.rpc('evm_mine');
  }

  async snapshot(): Promise<string> {
    return String(await this.rpc('evm_snapshot'));
  }

  async revert(snapshot: string): Promise<void> {
    assert((await this.rpc('evm_revert', snapshot)) === true, 'the snapshot was there');
  }

  private async receipt(
    hash: string,
  ): Promise<{ status: string; gasUsed: string; contractAddress: string | null }> {
    for (;;) {
      const receipt = await this.rpc('eth_getTransactionReceipt', hash);
      if (receipt !== null)
        return receipt as { status: string; gasUsed: string; contractAddress: string | null }; // so answers a node
    }
  }

  private async reason(artifact: Artifact, call: object): Promise<string> {
    try {
      await this.rpc('eth_call', call, 'latest');
    } catch (error) {
      if (error instanceof NodeRefused) return artifact.errorOf(error.revertData ?? '0x');
      throw error;
    }
    return 'no reason';
  }
}
