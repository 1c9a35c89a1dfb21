import { GuardFixture, USDC, WETH } from './guard-fixture';
import { TestChain } from './test-chain';
import { swap } from './uniswap';
import { TERMS, VaultFixture, describeWithChain } from './vault-fixture';

/** Hedges of one epoch: hourly for a day. */
const HEDGES = 24n;
const AMOUNT = 1_000n * USDC;

describeWithChain('vault gas', () => {
  let chain: TestChain;
  beforeAll(async () => {
    chain = await TestChain.start();
  });
  afterAll(() => chain.stop());

  it('of settling does not grow with holders, and a holder pays less than alone from a handful on', async () => {
    const treasury = await GuardFixture.deploy(chain);
    const { guard, market } = treasury;
    const on = { token: market.usdc, book: guard.address };
    const fixture = await VaultFixture.deploy(chain, TERMS, on);
    const { vault } = fixture;
    await guard.send(treasury.owner(), 'setVault', vault.address);
    const cash = await market.usdc.number('balanceOf', guard.address);
    await guard.send(treasury.owner(), 'withdraw', market.usdc.address, treasury.owner(), cash);

    const holders = Array.from({ length: 12 }, (_, index) => fixture.holder(index));
    const [first = '', second = ''] = holders;
    const requestDeposit: bigint[] = [];
    for (const holder of holders) requestDeposit.push(await fixture.deposit(holder, AMOUNT));
    await fixture.settle(0n);
    const claimShares: bigint[] = [];
    for (const holder of holders) claimShares.push(await vault.send(holder, 'claimShares', 1n));
    const deploy = await vault.send(fixture.operator(), 'deploy', 12n * AMOUNT);

    // Two holders ask, then ten: the second settlement does the same writes.
    const settles: bigint[] = [];
    const closes: bigint[] = [];
    let requestRedeem = 0n;
    for (const asking of [[first, second], holders.slice(2)]) {
      for (const holder of asking) {
        requestRedeem = await vault.send(holder, 'requestRedeem', (await fixture.shares(holder)) / 2n);
        await fixture.deposit(holder, AMOUNT / 10n);
      }
      closes.push(await fixture.close());
      const { gas, reverted } = await fixture.post(await market.usdc.number('balanceOf', guard.address));
      expect(reverted).toBeUndefined();
      settles.push(gas);
    }
    await treasury.beat();
    const owed = await vault.number('unfunded');
    // The money comes from the treasury itself, by its operator, and to the unit.
    const fundVault = await guard.send(treasury.operator(), 'fundVault', owed);
    expect(await vault.number('unfunded')).toBe(0n);
    expect(await market.usdc.number('allowance', guard.address, vault.address)).toBe(0n);
    const { reverted } = await guard.try(treasury.operator(), 'fundVault', 1n);
    expect(vault.artifact.errorOf(reverted ?? '')).toBe('MoreThanOwed');
    const claimAssets = await vault.send(first, 'claimAssets', 2n);

    await treasury.hedge();
    const hedge = (await treasury.hedge()).gas;
    await swap(market, treasury.whale(), market.weth, WETH);
    const alone = await swap(market, treasury.whale(), market.weth, WETH);
    const [settle = 0n, settleTen = 0n] = settles;
    const epoch = (closes[1] ?? 0n) + settle + deploy + fundVault + HEDGES * hedge;
    const once = (requestDeposit.at(-1) ?? 0n) + (claimShares.at(-1) ?? 0n) + requestRedeem + claimAssets;
    const perHolder = (count: bigint): bigint => epoch / count + once;
    process.stdout.write(
      `vault gas: request deposit ${requestDeposit.at(-1)}, claim shares ${claimShares.at(-1)}, request redeem ${requestRedeem}, ` +
        `claim assets ${claimAssets}, close ${closes[1]}, settle ${settle} for 2 and ${settleTen} for 10, deploy ${deploy}, fund ${fundVault}\n` +
        `a day of ${HEDGES} hedges, in and out the same day, per holder: alone ${HEDGES * alone}; in a vault of ` +
        `${[1n, 10n, 100n, 1_000n].map((count) => `${count}: ${perHolder(count)}`).join(', ')}\n`,
    );
    expect(settleTen).toBeLessThanOrEqual(settle);
    expect(perHolder(10n)).toBeLessThan(HEDGES * alone);
    expect(perHolder(100n) * 5n).toBeLessThan(HEDGES * alone);
  });
});
