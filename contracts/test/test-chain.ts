import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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

/** A real EVM of its own that makes a block of every transaction, or of many when told to. */
export class TestChain {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    readonly accounts: readonly string[],
  ) {}

  /** The node's binary for this machine, if npm brought one. */
  static binary(): string | undefined {
    const machine = process.arch === 'x64' ? 'amd64' : process.arch;
    try {
      return require.resolve(`@foundry-rs/anvil-${process.platform}-${machine}/bin/anvil`);
    } catch {
      return undefined;
    }
  }

  static async start(): Promise<TestChain> {
    const binary = required(TestChain.binary(), 'the node’s binary');
    const flags = [
      '--port',
      '0',
      '--accounts',
      '30',
      '--balance',
      '1000000',
      '--timestamp',
      String(START),
      '--order',
      'fifo',
    ];
    const child = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'ignore'] });
    const end = (): unknown => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.removeListener('exit', end));
    for await (const line of createInterface({ input: required(child.stdout ?? undefined, 'its output') })) {
      const port = /Listening on \S+:(\d+)/.exec(line)?.[1];
      if (port === undefined) continue;
      child.stdout?.resume();
      const url = `http://127.0.0.1:${port}`;
      const [accounts] = await post(url, [['eth_accounts', []]]);
      return new TestChain(child, url, accounts as string[]); // so answers a node
    }
    throw new Error('the node ended before it listened');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  account(index: number): string {
    return required(this.accounts[index], `account ${index}`);
  }

  async rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.batch([[method, params]]);
    return answer;
  }

  batch(calls: readonly Call[]): Promise<unknown[]> {
    return post(this.url, calls);
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

  /** Sends without a block, puts all into one, in this order; gas and success of each. */
  async inOneBlock(
    calls: readonly { from: string; to: string; data: string }[],
  ): Promise<readonly Outcome[]> {
    await this.rpc('evm_setAutomine', false);
    const hashes = [];
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
      if (error instanceof NodeError) return artifact.errorOf(error.data);
      throw error;
    }
    return 'no reason';
  }
}

class NodeError extends Error {
  constructor(
    message: string,
    readonly data: string,
  ) {
    super(message);
  }
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: string };
}

async function post(url: string, calls: readonly Call[]): Promise<unknown[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))),
  });
  const answers = (await response.json()) as readonly Answer[]; // so answers a node
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  return calls.map((_, id) => {
    const answer = required(byId.get(id), 'an answer to each call');
    if (answer.error !== undefined) throw new NodeError(answer.error.message, answer.error.data ?? '0x');
    return answer.result;
  });
}
