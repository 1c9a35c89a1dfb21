import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NO_FAULTS } from '../src/local-chain/faulty-node';
import { swapData } from '../src/local-chain/uniswap';
import { ERC20 } from '../src/token';
import { ROUTER } from '../src/uniswap-calls';
import { GWEI, SendingDesk, WHOLE } from './sending-desk';
import { describeWithAnvil } from './with-anvil';

describeWithAnvil('sending', () => {
  let desk: SendingDesk;
  let nonce: number;
  beforeAll(async () => {
    desk = await SendingDesk.open();
  });
  afterAll(() => desk.close());
  beforeEach(async () => {
    nonce = await desk.nonce();
  });

  const swap = (amount: bigint, minimum = 0n): string =>
    ROUTER.exactInputSingle.encode([
      desk.pool.token0,
      desk.pool.token1,
      500n,
      desk.sender.address,
      1n << 40n,
      amount,
      minimum,
      0n,
    ]);

  it('knows the hash before any node does, keeps the bytes for its owner alone, and finds the same hash on the chain', async () => {
    const hash = await desk.signed({ nonce });
    expect(await desk.nodes[0].call('eth_getTransactionByHash', [hash])).toBeNull();
    const folder = join(desk.folder, 'outbox');
    expect(readdirSync(folder)).toEqual([hash.slice(2)]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, hash.slice(2))).mode & 0o777).toBe(0o600);
    expect(await desk.sender.broadcast(hash, 'public')).toEqual({ kind: 'accepted' });
    expect(await desk.sender.broadcast(hash, 'public')).toEqual({ kind: 'accepted' });
    await desk.block();
    const [included] = await desk.reader.read([hash], []);
    expect(included).toMatchObject({ hash, nonce, reverted: undefined, gasUsed: 21_000 });
    expect(await desk.sender.broadcast(hash, 'public')).toEqual({ kind: 'nonce-used' });
    desk.outbox.remove(hash);
    expect(await desk.sender.broadcast(hash, 'public')).toEqual({ kind: 'bytes-lost' });
  });

  it('signs nothing whose fields are not those of its intent', async () => {
    const transaction = { chainId: 31_337, nonce, to: desk.sender.address, value: 0n, data: '0x' };
    const fees = { gasLimit: 21_000, maxFeePerGas: GWEI, maxPriorityFeePerGas: GWEI };
    await expect(desk.sender.sign({ ...transaction, ...fees }, `0x${'00'.repeat(32)}`)).rejects.toMatchObject(
      {
        code: 'CHAIN.INTENT_DIFFERS',
      },
    );
  });

  it('waits below the base fee, is replaced for a tenth more of both fees and for nothing less', async () => {
    await desk.world.setBaseFee(50n * GWEI);
    const low = await desk.signed({ nonce, maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: 2n * GWEI });
    expect(await desk.sender.broadcast(low, 'public')).toEqual({ kind: 'accepted' });
    await desk.block();
    expect(await desk.reader.read([low], [])).toEqual([]);
    expect(await desk.nodes[1].call('eth_getTransactionByHash', [low])).toMatchObject({ hash: low });
    const oneFee = await desk.signed({ nonce, maxFeePerGas: 200n * GWEI, maxPriorityFeePerGas: 2n * GWEI });
    const refused = { kind: 'refused', refusal: 'UNDERPRICED_REPLACEMENT' };
    expect(await desk.sender.broadcast(oneFee, 'public')).toEqual(refused);
    const both = await desk.signed({ nonce, maxFeePerGas: 200n * GWEI, maxPriorityFeePerGas: 3n * GWEI });
    expect(await desk.sender.broadcast(both, 'public')).toEqual({ kind: 'accepted' });
    await desk.block();
    const read = await desk.reader.read([low, oneFee, both], []);
    expect(read.map(({ hash }) => hash)).toEqual([both]);
    await desk.world.setBaseFee(GWEI);
    await desk.block();
  });

  it('does not know what came of a call that was lost, and finds out by the hash', async () => {
    const hash = await desk.signed({ nonce });
    for (const node of desk.world.nodes) node.faults = { ...NO_FAULTS, lostAfter: 1 };
    expect(await desk.sender.broadcast(hash, 'public')).toEqual({ kind: 'unknown' });
    for (const node of desk.world.nodes) node.faults = NO_FAULTS;
    await desk.block();
    expect(await desk.reader.read([hash], [])).toMatchObject([{ hash, nonce }]);
  });

  it('tells the fills of two swaps of one block by balances, whatever strangers send in it', async () => {
    const { chain } = desk.world;
    const [token0 = '', token1 = ''] = desk.tokens;
    const first = await desk.signed({ nonce, data: swap(WHOLE), to: desk.uniswap.router });
    const second = await desk.signed({ nonce: nonce + 1, data: swap(2n * WHOLE), to: desk.uniswap.router });
    for (const hash of [first, second]) await desk.sender.broadcast(hash, 'public');
    const gift = ERC20.transfer.encode(desk.sender.address, 5n);
    await chain.send([{ from: chain.account(0), to: token1, data: gift, gas: 100_000 }]);
    await desk.block();
    const fills = await desk.reader.read([second, first], desk.tokens);
    expect(fills.map(({ hash }) => hash)).toEqual([first, second]);
    const changes = fills.map(({ balances }) => {
      return Object.fromEntries(balances.map(({ token, before, after }) => [token, after - before]));
    });
    expect(changes.map((change) => change[token0])).toEqual([-WHOLE, -2n * WHOLE]);
    for (const [index, size] of [WHOLE, 2n * WHOLE].entries()) {
      const got = changes[index]?.[token1] ?? 0n;
      expect(got).toBeLessThan(size);
      expect(got).toBeGreaterThan((size * 99n) / 100n);
      const gas = fills[index];
      expect(changes[index]?.['']).toBe(-(BigInt(gas?.gasUsed ?? 0) * (gas?.gasPrice ?? 0n)));
    }
  });

  it('says why a transaction failed, with the gas that it cost', async () => {
    const data = swapData(desk.pool, desk.sender.address, { zeroForOne: true, amount: WHOLE, limit: 0n });
    const short = await desk.signed({ nonce, data: swap(WHOLE, 2n * WHOLE), to: desk.uniswap.router });
    const starved = await desk.signed({ nonce: nonce + 1, data, to: desk.uniswap.router, gasLimit: 90_000 });
    for (const hash of [short, starved]) await desk.sender.broadcast(hash, 'public');
    await desk.block();
    const failed = await desk.reader.read([short, starved], desk.tokens);
    expect(failed.map(({ reverted }) => reverted)).toEqual(['Too little received', 'OUT_OF_GAS']);
    for (const { gasUsed, balances } of failed) {
      expect(gasUsed).toBeGreaterThan(50_000);
      const [coin, ...tokens] = balances.map(({ before, after }) => after - before);
      expect(coin).toBeLessThan(0n);
      expect(tokens).toEqual([0n, 0n]);
    }
  });

  it('counts a block only where it is followed: what a reorganisation took back may come again by itself', async () => {
    const hash = await desk.signed({ nonce, data: swap(WHOLE), to: desk.uniswap.router });
    await desk.sender.broadcast(hash, 'public');
    await desk.block();
    const [included] = await desk.reader.read([hash], desk.tokens);
    expect(included).toMatchObject({ hash, nonce });
    await desk.world.takeBack(1);
    await desk.block();
    await desk.block();
    const [again] = await desk.reader.read([hash], desk.tokens);
    expect(again).toMatchObject({ hash, nonce });
    expect(again?.block.hash).not.toBe(included?.block.hash);
    // Nodes may be ahead of us: their receipt is no fact before we have the block.
    const next = await desk.signed({ nonce: nonce + 1, data: swap(WHOLE), to: desk.uniswap.router });
    await desk.sender.broadcast(next, 'public');
    await desk.world.mine();
    await desk.world.sync();
    expect(await desk.nodes[0].call('eth_getTransactionReceipt', [next])).not.toBeNull();
    expect(await desk.reader.read([next], desk.tokens)).toEqual([]);
    await desk.follower.step();
    expect(await desk.reader.read([next], desk.tokens)).toHaveLength(1);
  });

  it('goes through a relay without showing in any pool', async () => {
    const hash = await desk.signed({ nonce, data: swap(WHOLE), to: desk.uniswap.router });
    expect(await desk.sender.broadcast(hash, 'private', 1_000)).toEqual({ kind: 'accepted' });
    for (const node of desk.nodes) expect(await node.call('eth_getTransactionByHash', [hash])).toBeNull();
    expect(desk.world.pool.all()).toEqual([]);
    await desk.block();
    expect(await desk.reader.read([hash], desk.tokens)).toMatchObject([{ hash, reverted: undefined }]);
  });
});
