import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqrtRatioAtTick } from '@evenkeel/pools';
import { BlockFollower } from '../src/block-follower';
import { InclusionReader } from '../src/inclusions';
import { ChainNode } from '../src/json-rpc';
import { quantity, readCount } from '../src/hex';
import { LocalWorld } from '../src/local-chain/local-world';
import { createPool, deployTokens, deployUniswap, fund, mintRange } from '../src/local-chain/uniswap';
import type { DeployedPool, Uniswap } from '../src/local-chain/uniswap';
import { NodeBlocks } from '../src/node-blocks';
import { FileOutbox } from '../src/outbox';
import { privateRelay } from '../src/relay';
import { ChainSender } from '../src/sender';
import { fileSigner } from '../src/signer';
import { ERC20 } from '../src/token';
import { signingHash } from '@evenkeel/execution';
import type { UnsignedTransaction } from '@evenkeel/execution';

export const WHOLE = 10n ** 18n;
export const GWEI = 10n ** 9n;
export const PRIVATE_KEY = 'b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291';
const ALL = (1n << 256n) - 1n;

/** An account of ours with its two nodes, its outbox and a pool to trade in. */
export class SendingDesk {
  private constructor(
    readonly world: LocalWorld,
    readonly uniswap: Uniswap,
    readonly pool: DeployedPool,
    readonly nodes: readonly [ChainNode, ChainNode],
    readonly sender: ChainSender,
    readonly follower: BlockFollower,
    readonly reader: InclusionReader,
    readonly outbox: FileOutbox,
    readonly folder: string,
  ) {}

  static async open(): Promise<SendingDesk> {
    const world = await LocalWorld.start('desk');
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-desk-'));
    const { chain } = world;
    const [owner, provider] = [chain.account(0), chain.account(1)];
    const keyPath = join(folder, 'account.key');
    writeFileSync(keyPath, `${PRIVATE_KEY}\n`, { mode: 0o600 });
    const signer = fileSigner(keyPath);
    const uniswap = await deployUniswap(chain, owner);
    const tokens = await deployTokens(chain, owner);
    await fund(chain, [provider, owner], tokens, [uniswap.router, uniswap.positionManager], 10n ** 24n);
    const pool = await createPool(chain, uniswap, tokens, 500, sqrtRatioAtTick(0));
    await chain.send([mintRange(uniswap, pool, provider, [-1000, 1000], [1_000n * WHOLE, 1_000n * WHOLE])]);
    // Ours has coin, tokens, and the router's leave to take them.
    await chain.node.call('anvil_setBalance', [signer.address, quantity(100n * WHOLE)]);
    await chain.send(
      tokens.map((to) => ({ from: owner, to, data: ERC20.transfer.encode(signer.address, 1_000n * WHOLE) })),
    );
    await chain.node.call('anvil_impersonateAccount', [signer.address]);
    await chain.send(
      tokens.map((to) => ({
        from: signer.address,
        to,
        data: ERC20.approve.encode(uniswap.router, ALL),
        gas: 100_000,
      })),
    );
    await chain.mine();
    await chain.node.call('anvil_stopImpersonatingAccount', [signer.address]);
    await world.sync();
    const [first, second] = world.urls;
    const nodes = [
      new ChainNode({ name: 'first', url: first }),
      new ChainNode({ name: 'second', url: second }),
    ] as const;
    const source = new NodeBlocks(nodes[0]);
    const follower = new BlockFollower(
      [source, new NodeBlocks(nodes[1])],
      { finality: { depth: 12 }, addresses: [], from: await source.head() },
      { applyBlock: () => undefined, undoAbove: () => undefined, finalize: () => undefined },
    );
    const outbox = new FileOutbox(join(folder, 'outbox'));
    const sender = new ChainSender(signer, outbox, nodes, privateRelay(nodes[0]));
    const reader = new InclusionReader(nodes, follower, signer.address);
    return new SendingDesk(world, uniswap, pool, nodes, sender, follower, reader, outbox, folder);
  }

  async close(): Promise<void> {
    this.nodes.forEach((node) => node.close());
    await this.world.stop();
    rmSync(this.folder, { recursive: true });
  }

  get tokens(): readonly string[] {
    return [this.pool.token0, this.pool.token1];
  }

  async nonce(): Promise<number> {
    return readCount(await this.nodes[0].call('eth_getTransactionCount', [this.sender.address, 'latest']));
  }

  /** Signed and in the outbox; no node has it yet. */
  async signed(wanted: Partial<UnsignedTransaction> & { readonly nonce: number }): Promise<string> {
    const transaction: UnsignedTransaction = {
      chainId: this.world.chain.anvil.chainId,
      to: this.sender.address,
      value: 0n,
      data: '0x',
      gasLimit: 400_000,
      maxFeePerGas: 20n * GWEI,
      maxPriorityFeePerGas: GWEI,
      ...wanted,
    };
    return this.sender.sign(transaction, signingHash(transaction));
  }

  /** A block, which both nodes have and the follower knows. */
  async block(): Promise<void> {
    await this.world.mine();
    await this.world.sync();
    for (let step = await this.follower.step(); step.kind === 'advanced';) step = await this.follower.step();
  }
}
