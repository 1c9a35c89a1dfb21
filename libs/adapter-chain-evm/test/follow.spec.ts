import { createRandom, required } from '@evenkeel/kernel';
import type { PoolSnapshot } from '@evenkeel/pools';
import { BlockFollower } from '../src/block-follower';
import type { FollowStep } from '../src/block-follower';
import { ChainNode } from '../src/json-rpc';
import { tickOf } from '../src/local-chain/pool-traffic';
import { NodeBlocks } from '../src/node-blocks';
import type { BlockHeader } from '../src/node-blocks';
import { differences } from './pool-state';
import { applyTo, startPools } from './pool-world';
import type { PoolWorld } from './pool-world';
import { describeWithAnvil, sized } from './with-anvil';

const SEED = 'follow 1';
const BLOCKS = sized(2_000, 150);
const FINALITY = 16;
const WHOLE_EVERY = 25;

describeWithAnvil('follow: blocks over two nodes', () => {
  let made: PoolWorld;
  let nodes: readonly [ChainNode, ChainNode];
  beforeAll(async () => {
    made = await startPools(SEED, [
      { feePips: 500, tickSpacing: 10, home: 0 },
      { feePips: 3000, tickSpacing: 60, home: -78_244 },
    ]);
    const [first, second] = made.world.urls;
    nodes = [new ChainNode({ name: 'first', url: first }), new ChainNode({ name: 'second', url: second })];
  });
  afterAll(async () => {
    nodes.forEach((node) => node.close());
    await made.world.stop();
  });

  it(
    `the state is the contract's after every one of ${BLOCKS} blocks, with reorganisations 1 to 12 deep and a second node that lags`,
    async () => {
      const { world, pools } = made;
      const { chain } = world;
      const random = createRandom(SEED);
      const seen = {
        blocks: 0,
        undone: 0,
        reorganisations: 0,
        behind: 0,
        disagree: 0,
        swaps: 0,
        compared: 0,
        whole: 0,
      };
      const kinds = new Set<string>();
      const after: { block: BlockHeader; states: PoolSnapshot[] }[] = [];
      const source = new NodeBlocks(nodes[0]);
      const [genesis] = await source.between(0, 0);
      if (genesis === undefined) throw new Error('the chain has a first block');
      const follower = new BlockFollower(
        [source, new NodeBlocks(nodes[1])],
        {
          finality: { depth: FINALITY },
          addresses: pools.map(({ pool }) => pool.address),
          from: genesis,
          patienceBlocks: 100,
        },
        {
          applyBlock: (block, logs) => {
            seen.swaps += applyTo(pools, block, logs);
            logs.forEach(({ topics }) => kinds.add(topics[0] ?? ''));
            if (pools.every(({ follower: one }) => one.pool.initialized))
              after.push({ block, states: pools.map(({ follower: one }) => one.pool.snapshot()) });
          },
          undoAbove: (number) => pools.forEach(({ follower: one }) => one.undoAbove(number)),
          finalize: (number) => pools.forEach(({ follower: one }) => one.finalize(number)),
        },
      );
      const settle = async (): Promise<FollowStep> => {
        for (;;) {
          const step = await follower.step();
          if (step.kind === 'behind' || step.kind === 'disagree') seen[step.kind] += 1;
          if (step.kind !== 'advanced') return step;
          seen.blocks += step.blocks;
          seen.undone += step.undone;
          if (step.undone > 0) seen.reorganisations += 1;
        }
      };
      const compare = async (): Promise<void> => {
        for (const { block, states } of after.splice(0)) {
          const { number, hash } = block;
          const [there] = await source.between(number, number);
          if (there?.hash !== hash) continue; // both nodes still stood on a branch that is gone: nothing to compare with
          const whole = seen.compared % WHOLE_EVERY === 0;
          for (const [index, { pool }] of pools.entries()) {
            const state = required(states[index], 'a state of each pool');
            const differing = await differences(chain, pool.address, number, state, whole);
            expect({ seed: SEED, number, differing }).toEqual({ seed: SEED, number, differing: [] });
          }
          seen.compared += 1;
          if (whole) seen.whole += 1;
        }
      };
      const block = async (): Promise<void> => {
        for (const { pool, traffic } of pools)
          await chain.send(await traffic.next(await tickOf(chain, pool), random.integer(3)));
        await world.mine();
      };
      await settle();
      after.length = 0; // the pools are not all made in the first blocks
      seen.blocks = 0;
      let frozen = 0;
      while (seen.blocks < BLOCKS) {
        if (random.integer(20) === 0) {
          const depth = 1 + random.integer(12);
          await world.takeBack(depth);
          // The other branch may still be shorter than the one that is gone.
          for (let made = Math.max(1, depth - random.integer(3)); made > 0; made -= 1) await block();
        } else await block();
        await world.nodes[0].sync();
        frozen = frozen > 0 ? frozen - 1 : random.integer(30) === 0 ? random.integer(8) : 0;
        if (frozen === 0) await world.nodes[1].sync(random.integer(5) === 0 ? 1 + random.integer(3) : 0);
        await settle();
        await compare();
      }
      await world.sync();
      expect((await settle()).kind).toBe('unchanged');
      await compare();
      expect(follower.tip.number).toBe(await chain.height());
      process.stderr.write(`follow ${SEED}: ${JSON.stringify({ ...seen, kinds: kinds.size })}\n`);
      expect(kinds.size).toBeGreaterThanOrEqual(sized(9, 7));
      expect(seen.reorganisations).toBeGreaterThan(BLOCKS / 60);
      expect(seen.behind).toBeGreaterThan(0);
      expect(seen.disagree).toBeGreaterThan(0);
      expect(seen.compared).toBeGreaterThan(BLOCKS - seen.undone);
    },
    sized(1_800_000, 120_000),
  );
});
