import { required } from '@evenkeel/kernel';
import { Artifact } from './artifact';
import { BUY, DAY, GuardFixture, HOUR, LIMITS, PRICE, SELL, USDC, WETH } from './guard-fixture';
import { allowed, readRights } from './rights-table';
import type { Act } from './rights-table';
import { TestChain } from './test-chain';
import type { Deployed, Outcome } from './test-chain';
import { FAR, FEE, swap } from './uniswap';
import { TERMS, VaultFixture, describeWithChain } from './vault-fixture';

const done = { gas: expect.any(BigInt) as bigint };

describeWithChain('guard', () => {
  let chain: TestChain;
  let fixture: GuardFixture;
  let clean: string;
  beforeAll(async () => {
    chain = await TestChain.start();
    fixture = await GuardFixture.deploy(chain);
  });
  beforeEach(async () => {
    clean = await chain.snapshot();
  });
  afterEach(() => chain.revert(clean));
  afterAll(() => chain.stop());

  it('hedges along a listed route for less than 90,000 gas more than a swap of one’s own', async () => {
    // Both the second time: every slot has been written before.
    await swap(fixture.market, fixture.whale(), fixture.market.weth, WETH);
    await fixture.hedge();
    const direct = await swap(fixture.market, fixture.whale(), fixture.market.weth, WETH);
    const { gas, reverted } = await fixture.hedge({ minimumOut: (PRICE * USDC * 99n) / 100n });
    expect(reverted).toBeUndefined();
    const many = await fixture.hedgeMany([
      { route: SELL, amountIn: WETH, minimumOut: 0n },
      { route: SELL, amountIn: WETH, minimumOut: 0n },
    ]);
    expect(many).toEqual(done);
    process.stdout.write(
      `guard: a hedge takes ${gas} gas, a swap of one's own ${direct}: overhead ${gas - direct}; two in one ${many.gas}\n`,
    );
    expect(gas - direct).toBeLessThanOrEqual(90_000n);
    expect(await fixture.allowances()).toEqual([0n, 0n]);
  });

  it('does all legs or none', async () => {
    const before = await fixture.worth();
    const good = { route: SELL, amountIn: WETH, minimumOut: 0n };
    expect(await fixture.hedgeMany([good, { ...good, route: 9n }])).toMatchObject({
      reverted: 'RouteNotListed',
    });
    expect(await fixture.hedgeMany([good, { ...good, minimumOut: 1n << 200n }])).toHaveProperty('reverted');
    expect(await fixture.hedgeMany([])).toMatchObject({ reverted: 'InvalidTerms' });
    expect(await fixture.hedgeMany(Array.from({ length: 9 }, () => good))).toMatchObject({
      reverted: 'InvalidTerms',
    });
    expect(await fixture.worth()).toBe(before);
  });

  it('is stopped by its guardian within the block, and by nobody’s act when no heartbeat comes', async () => {
    const { guard } = fixture;
    const call = (
      from: string,
      name: string,
      ...values: bigint[]
    ): { from: string; to: string; data: string } => ({
      from,
      to: guard.address,
      data: guard.artifact.encode(name, values),
    });
    const hedge = call(fixture.operator(), 'hedge', SELL, WETH, 0n, FAR);
    const outcomes = await chain.inOneBlock([hedge, call(fixture.guardian(), 'stop'), hedge]);
    expect(outcomes.map(({ reverted }) => reverted)).toEqual([undefined, undefined, 'reverted']);
    expect(await fixture.hedge()).toMatchObject({ reverted: 'IsStopped' });
    await guard.send(fixture.owner(), 'resume');
    expect(await fixture.hedge()).toEqual(done);
    await chain.pass(LIMITS.heartbeatSeconds - 5n);
    expect(await fixture.hedge()).toEqual(done);
    await chain.pass(LIMITS.heartbeatSeconds);
    expect(await fixture.hedge()).toMatchObject({ reverted: 'NoHeartbeat' });
    expect(await guard.try(fixture.operator(), 'heartbeat')).toMatchObject({ reverted: 'NotAllowed' });
    await fixture.beat();
    expect(await fixture.hedge()).toEqual(done);
  });

  it('trades at no price that is old, missing, of the future or of a chain that is or was just down', async () => {
    const { feeds } = fixture;
    const now = await chain.now();
    const answer = PRICE * 10n ** 8n;
    const prices: readonly (readonly [bigint, bigint])[] = [
      [0n, now],
      [-answer, now],
      [answer, 0n],
      [answer, now - 27n * HOUR],
      [answer, now + HOUR],
    ];
    for (const feed of [feeds.weth, feeds.usdc])
      for (const [price, updatedAt] of prices) {
        const before = await chain.snapshot();
        await feed.send(fixture.owner(), 'set', price, now, updatedAt);
        expect(await fixture.hedge()).toMatchObject({ reverted: 'PriceUnusable' });
        await chain.revert(before);
      }
    for (const [status, since] of [
      [1n, now - DAY],
      [0n, now - 1n],
      [0n, 0n],
    ] as const) {
      await feeds.sequencer.send(fixture.owner(), 'set', status, since, now);
      expect(await fixture.hedge()).toMatchObject({ reverted: 'SequencerDown' });
    }
    expect(await fixture.allowances()).toEqual([0n, 0n]);
  });

  it('believes balances and no router', async () => {
    const { guard, market } = fixture;
    const router = await chain.deploy(Artifact.ours('LyingRouter'));
    await market.usdc.send(fixture.owner(), 'mint', router.address, 10n ** 12n);
    await guard.send(
      fixture.owner(),
      'listRoute',
      7n,
      router.address,
      market.weth.address,
      market.usdc.address,
      FEE,
    );
    const minimumOut = PRICE * USDC;
    const behave = async (takes: bigint, gives: bigint, data = '0x'): Promise<Outcome> => {
      const target = data === '0x' ? `0x${'0'.repeat(40)}` : guard.address;
      await router.send(fixture.owner(), 'behave', takes, gives, target, Buffer.from(data.slice(2), 'hex'));
      return fixture.hedge({ route: 7n, minimumOut });
    };
    const allowance = (): Promise<bigint> => market.weth.number('allowance', guard.address, router.address);
    expect(await behave(10_000n, 10_000n)).toEqual(done);
    expect(await behave(10_000n, 9_999n)).toMatchObject({ reverted: 'ReceivedTooLittle' });
    expect(await behave(10_001n, 10_000n)).toHaveProperty('reverted');
    // Takes half and leaves half allowed: the rest of the approval is gone when the transaction ends.
    expect(await behave(5_000n, 10_000n)).toEqual(done);
    expect(await allowance()).toBe(0n);
    // Whoever is called in between is no operator.
    await router.send(fixture.owner(), 'behave', 10_000n, 10_000n, guard.address, hedgeData(guard));
    expect(await fixture.hedge({ route: 7n, minimumOut })).toEqual(done);
    const answer = Buffer.from((await router.read('calledBack')) as Uint8Array).toString('hex'); // a return value of type bytes
    expect(guard.artifact.errorOf(`0x${answer}`)).toBe('NotAllowed');
  });

  it('can’t be entered again through a token, even by an operator that is one', async () => {
    const { guard, market } = fixture;
    const { address } = market.weth;
    await guard.send(fixture.owner(), 'setRoles', address, fixture.guardian());
    await market.weth.send(fixture.owner(), 'setHook', guard.address, hedgeData(guard));
    await chain.rpc('anvil_setBalance', address, '0xde0b6b3a7640000');
    expect(await fixture.hedge({}, address)).toEqual(done);
    const answer = Buffer.from((await market.weth.read('hookError')) as Uint8Array).toString('hex'); // a return value of type bytes
    expect(guard.artifact.errorOf(`0x${answer}`)).toBe('ReentrancyGuardReentrantCall');
  });

  it('counts what a charging token loses on its way', async () => {
    await fixture.market.usdc.send(fixture.owner(), 'setFee', 40n);
    const before = await fixture.worth();
    expect(await fixture.hedge({ minimumOut: (PRICE * USDC * 999n) / 1_000n })).toMatchObject({
      reverted: 'ReceivedTooLittle',
    });
    expect(await fixture.hedge()).toEqual(done);
    const used = (await fixture.guard.read('used')) as Readonly<Record<string, bigint>>; // a structure by its members' names
    expect(used['lossUsd']).toBeGreaterThanOrEqual(before - (await fixture.worth()));
    await fixture.market.usdc.send(fixture.owner(), 'setFee', 100n);
    expect(await fixture.hedge()).toMatchObject({ reverted: 'TradeLosesTooMuch' });
  });

  it('lets each do what the table of the README says and nothing else', async () => {
    const rights = readRights('Who can do what: TreasuryGuard');
    const { guard, market, feeds } = fixture;
    const accounts: Readonly<Record<string, string>> = {
      anyone: chain.account(20),
      operator: fixture.operator(),
      guardian: fixture.guardian(),
      owner: fixture.owner(),
    };
    const vault = await vaultOf(guard.address);
    await guard.send(fixture.owner(), 'setVault', vault.address);
    const acts: readonly Act[] = [
      { name: 'hedge', attempt: (from) => fixture.hedge({}, from) },
      {
        name: 'hedgeMany',
        attempt: (from) => fixture.hedgeMany([{ route: BUY, amountIn: USDC, minimumOut: 0n }], from),
      },
      { name: 'fundVault', attempt: (from) => guard.try(from, 'fundVault', 1n) },
      { name: 'stop', attempt: (from) => guard.try(from, 'stop') },
      { name: 'heartbeat', attempt: (from) => guard.try(from, 'heartbeat') },
      { name: 'resume', attempt: (from) => guard.try(from, 'resume') },
      { name: 'withdraw', attempt: (from) => guard.try(from, 'withdraw', market.weth.address, from, 1n) },
      {
        name: 'listToken',
        attempt: (from) => guard.try(from, 'listToken', market.weth.address, feeds.weth.address, HOUR),
      },
      {
        name: 'listRoute',
        attempt: (from) =>
          guard.try(from, 'listRoute', 8n, from, market.weth.address, market.usdc.address, FEE),
      },
      { name: 'removeRoute', attempt: (from) => guard.try(from, 'removeRoute', SELL) },
      { name: 'setLimits', attempt: (from) => guard.try(from, 'setLimits', LIMITS) },
      { name: 'setSequencer', attempt: (from) => guard.try(from, 'setSequencer', from, 1n) },
      { name: 'setRoles', attempt: (from) => guard.try(from, 'setRoles', from, chain.account(21)) },
      { name: 'setVault', attempt: (from) => guard.try(from, 'setVault', vault.address) },
      { name: 'transferOwnership', attempt: (from) => guard.try(from, 'transferOwnership', from) },
      { name: 'renounceOwnership', attempt: (from) => guard.try(from, 'renounceOwnership') },
    ];
    expect(acts.map(({ name }) => name)).toEqual(rights.acts);
    let tried = 0;
    for (const { name, attempt } of acts)
      for (const column of rights.columns) {
        const before = await chain.snapshot();
        if (column === 'while stopped') await guard.send(fixture.guardian(), 'stop');
        if (column === 'without heartbeat') await chain.pass(LIMITS.heartbeatSeconds + 1n);
        const role = accounts[column] === undefined ? entitled(name) : column;
        expect([name, column, allowed(await attempt(required(accounts[role], role)))]).toEqual([
          name,
          column,
          rights.may(name, column),
        ]);
        tried += 1;
        await chain.revert(before);
      }
    process.stdout.write(`guard: ${tried} cells of the table of rights tried\n`);

    function entitled(name: string): string {
      return Object.keys(accounts).find((role) => rights.may(name, role)) ?? 'owner';
    }
  });

  /** A vault whose book is this address, with one redeemer who is owed. */
  async function vaultOf(book: string): Promise<Deployed> {
    const vaults = await VaultFixture.deploy(chain, TERMS, { token: fixture.market.usdc, book });
    const holder = vaults.holder(0);
    await vaults.deposit(holder, 1_000n);
    await vaults.settle(0n);
    await vaults.vault.send(vaults.operator(), 'deploy', 1_000n);
    await vaults.vault.send(holder, 'claimShares', 1n);
    await vaults.vault.send(holder, 'requestRedeem', await vaults.shares(holder));
    await vaults.settle(1_000n);
    await fixture.beat();
    return vaults.vault;
  }
});

function hedgeData(guard: Deployed): Uint8Array {
  return Buffer.from(guard.artifact.encode('hedge', [SELL, WETH, 0n, FAR]).slice(2), 'hex');
}
