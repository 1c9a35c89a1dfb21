import type { ChainReport } from '@evenkeel/execution';
import { ChainWatch, nextBaseFee } from '../src/chain-watch';
import { NodeBlocks } from '../src/node-blocks';
import { ROUTER } from '../src/uniswap-calls';
import { GWEI, SendingDesk, WHOLE } from './sending-desk';
import { describeWithAnvil } from './with-anvil';

const FINALITY = 4;

describeWithAnvil('watching an account', () => {
  let desk: SendingDesk;
  let watch: ChainWatch;
  let nonce: number;
  beforeAll(async () => {
    desk = await SendingDesk.open();
    for (let block = 0; block <= FINALITY; block += 1) await desk.block();
    const from = await new NodeBlocks(desk.nodes[0]).head();
    const settings = { finality: { depth: FINALITY }, addresses: [], from };
    watch = new ChainWatch(desk.nodes, settings, { account: desk.sender.address, tokens: desk.tokens });
  });
  afterAll(() => desk.close());
  beforeEach(async () => {
    nonce = await desk.nonce();
  });

  const blocks = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made += 1) await desk.world.mine();
    await desk.world.sync();
  };
  const kinds = (reports: readonly ChainReport[]): string[] => reports.map(({ kind }) => kind);
  const swap = (): string => {
    const { token0, token1 } = desk.pool;
    return ROUTER.exactInputSingle.encode([
      token0,
      token1,
      500n,
      desk.sender.address,
      1n << 40n,
      WHOLE,
      0n,
      0n,
    ]);
  };

  it('tells of an inclusion once, before the head, and of its block when it is gone, and again when it is back', async () => {
    const hash = await desk.signed({ nonce, data: swap(), to: desk.uniswap.router });
    const open = [{ nonce, hashes: [hash] }];
    await desk.sender.broadcast(hash, 'public');
    await blocks(2);
    const first = await watch.poll(open, '2500');
    expect(kinds(first.reports)).toEqual(['included', 'block']);
    expect(first.reports[0]).toMatchObject({ hash, reverted: undefined });
    expect((await watch.poll(open, '2500')).reports).toEqual([]);
    const included = first.reports[0];
    await desk.world.takeBack(2);
    await blocks(3);
    const { reports } = await watch.poll(open, '2500');
    expect(kinds(reports)).toEqual(['gone', 'gone', 'included', 'block']);
    if (included?.kind !== 'included') throw new Error('it was included first');
    expect(reports[1]).toEqual({ kind: 'gone', block: included.block });
    expect(reports[2]).toMatchObject({ hash });
  });

  it('knows what the next block will ask', async () => {
    await blocks(1);
    const { reports } = await watch.poll([], '2500');
    const [head] = reports;
    expect(head).toMatchObject({ kind: 'block', baseFee: await desk.world.nextBaseFee(), coinUsd: '2500' });
    expect(nextBaseFee(watch.follower.tip)).toBe(await desk.world.nextBaseFee());
  });

  it('tells that a stranger used the nonce once that is final, and not before', async () => {
    const ours = await desk.signed({ nonce, maxFeePerGas: 2n * GWEI });
    const strange = await desk.signed({ nonce, value: 1n, maxFeePerGas: 90n * GWEI });
    const open = [{ nonce, hashes: [ours] }];
    await desk.sender.broadcast(strange, 'public');
    await blocks(1);
    expect(kinds((await watch.poll(open, '2500')).reports)).toEqual(['block']);
    await blocks(FINALITY);
    expect((await watch.poll(open, '2500')).reports).toContainEqual({
      kind: 'taken',
      nonce,
      block: { number: watch.follower.finalized.number, hash: watch.follower.finalized.hash },
    });
  });

  it('tells once that what was final is gone', async () => {
    await desk.world.takeBack(FINALITY + 2);
    await blocks(FINALITY + 4);
    const before = watch.follower.finalized;
    const { step, reports } = await watch.poll([], '2500');
    expect(step).toMatchObject({ kind: 'halted', reason: 'FINALITY_BROKEN' });
    expect(reports).toEqual([{ kind: 'gone', block: { number: before.number, hash: before.hash } }]);
    expect((await watch.poll([], '2500')).reports).toEqual([]);
  });
});
