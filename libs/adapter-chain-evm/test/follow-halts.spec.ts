import { BlockFollower } from '../src/block-follower';
import type { FollowStep } from '../src/block-follower';
import { ChainNode, NodeSilent } from '../src/json-rpc';
import { LocalWorld } from '../src/local-chain/local-world';
import { NO_FAULTS } from '../src/local-chain/faulty-node';
import { NodeBlocks } from '../src/node-blocks';
import { describeWithAnvil } from './with-anvil';

const FINALITY = 6;

describeWithAnvil('follow: what ends it, and what does not', () => {
  let world: LocalWorld;
  let nodes: readonly [ChainNode, ChainNode];
  let told: string[];
  beforeEach(async () => {
    world = await LocalWorld.start('halts', { slotsInAnEpoch: 2 });
    const [first, second] = world.urls;
    nodes = [
      new ChainNode({ name: 'first', url: first }),
      new ChainNode({ name: 'second', url: second, timeoutMs: 2_000 }),
    ];
    told = [];
  });
  afterEach(async () => {
    nodes.forEach((node) => node.close());
    await world.stop();
  });

  const blocks = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made += 1) await world.mine();
    await world.sync();
  };
  const follow = async (finality: { depth: number } | { tag: 'finalized' }): Promise<BlockFollower> => {
    const source = new NodeBlocks(nodes[0]);
    const [from] = await source.between(0, 0);
    if (from === undefined) throw new Error('the chain has a first block');
    return new BlockFollower(
      [source, new NodeBlocks(nodes[1])],
      { finality, addresses: [], from },
      {
        applyBlock: ({ number }) => told.push(`+${number}`),
        undoAbove: (number) => told.push(`undo ${number}`),
        finalize: (number) => told.push(`final ${number}`),
      },
    );
  };

  it('undoes what lies above finality and stops for good below it, having told nothing of the other branch', async () => {
    const follower = await follow({ depth: FINALITY });
    await blocks(10);
    await follower.step();
    expect(told.at(-1)).toBe('final 4');
    await world.takeBack(FINALITY);
    await blocks(FINALITY + 1);
    expect(await follower.step()).toEqual({ kind: 'advanced', blocks: 7, undone: 6 });
    const before = told.length;
    await world.takeBack(FINALITY + 1);
    await blocks(FINALITY + 2);
    const step: FollowStep = await follower.step();
    expect(step).toMatchObject({ kind: 'halted', reason: 'FINALITY_BROKEN' });
    expect(told).toHaveLength(before);
    await blocks(3);
    expect(await follower.step()).toEqual(step);
    expect(follower.holds(follower.tip)).toBe(true);
  });

  it('takes as final what both nodes call final', async () => {
    const follower = await follow({ tag: 'finalized' });
    await blocks(12);
    await follower.step();
    expect(follower.finalized.number).toBe(8);
    await blocks(2);
    await world.nodes[1].sync(3);
    expect((await follower.step()).kind).toBe('behind');
    expect(follower.finalized.number).toBe(8);
  });

  it('waits while a node starts anew from far behind', async () => {
    const follower = await follow({ depth: FINALITY });
    await blocks(12);
    await follower.step();
    const before = told.length;
    await world.nodes[1].sync(11);
    expect(await follower.step()).toEqual({ kind: 'behind', node: 'second', blocks: 11 });
    expect(told).toHaveLength(before);
    await blocks(1);
    expect(await follower.step()).toEqual({ kind: 'advanced', blocks: 1, undone: 0 });
  });

  it('says at once that nodes disagree, tells nothing meanwhile, and stops when it is no lag any more', async () => {
    const follower = await follow({ depth: FINALITY });
    await blocks(10);
    await follower.step();
    await world.takeBack(3);
    const before = told.length;
    const kinds: string[] = [];
    // The second node stays on the branch that is gone while the first goes on.
    for (let made = 0; made < 8; made += 1) {
      await world.mine();
      await world.nodes[0].sync();
      kinds.push((await follower.step()).kind);
    }
    expect(kinds.slice(0, 4)).toEqual(['disagree', 'disagree', 'disagree', 'disagree']);
    expect(kinds.at(-1)).toBe('halted');
    expect(follower.halted).toBe('NODES_DISAGREE');
    expect(told).toHaveLength(before);
  });

  it('is at the same place after calls that were lost', async () => {
    const follower = await follow({ depth: FINALITY });
    world.nodes[1].faults = { ...NO_FAULTS, lostBefore: 0.3, lostAfter: 0.2 };
    let lost = 0;
    for (let made = 0; made < 15; made += 1) {
      await blocks(1);
      await follower.step().catch((error: unknown) => {
        expect(error).toBeInstanceOf(NodeSilent);
        lost += 1;
      });
    }
    world.nodes[1].faults = NO_FAULTS;
    await follower.step();
    expect(lost).toBeGreaterThan(0);
    expect(follower.tip.number).toBe(15);
    expect(told.filter((line) => line.startsWith('+'))).toEqual(
      Array.from({ length: 15 }, (_, index) => `+${index + 1}`),
    );
  });
});
