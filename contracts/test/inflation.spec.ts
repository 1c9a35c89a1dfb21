import { createRandom } from '@evenkeel/kernel';
import { previewDeposit, previewRedeem } from '@evenkeel/pools';
import type { VaultShares } from '@evenkeel/pools';
import { TestChain } from './test-chain';
import { TERMS, UNIT, VaultFixture, describeWithChain } from './vault-fixture';

const VIRTUAL = 1_000_000n;

interface Attack {
  /** What the attacker deposits first, what he gives away, and what the victim deposits after. */
  readonly first: bigint;
  readonly gift: bigint;
  readonly victim: bigint;
}

interface Damage {
  readonly cost: bigint;
  readonly loss: bigint;
}

/** An attack on shares with virtual ones (offset 6), where nothing bounds the price; everybody leaves at the end. */
function unbounded({ first, gift, victim }: Attack): Damage {
  const empty: VaultShares = { assets: 0n, supply: 0n, decimalsOffset: 6 };
  const attacker = previewDeposit(empty, first);
  const inflated = { ...empty, assets: first + gift, supply: attacker };
  const shares = previewDeposit(inflated, victim);
  const full = { ...empty, assets: first + gift + victim, supply: attacker + shares };
  return {
    cost: first + gift - previewRedeem(full, attacker),
    loss: victim - previewRedeem(full, shares),
  };
}

describe('vault inflation', () => {
  it('costs 10^6 times what it takes by virtual shares alone, and takes a unit where the price is bounded', () => {
    const random = createRandom('inflation-1');
    const upTo = (digits: number): bigint =>
      BigInt(1 + random.integer(9_999_999)) * 10n ** BigInt(random.integer(digits));
    let dearest = 0n;
    let worstRatio = 10n ** 30n;
    let boundedLoss = 0n;
    for (let trial = 0; trial < 20_000; trial += 1) {
      const attack = { first: random.integer(3) === 0 ? 1n : upTo(6), gift: upTo(18), victim: upTo(6) };
      const { cost, loss } = unbounded(attack);
      if (loss > dearest) dearest = loss;
      // One unit is what rounding takes from anybody, with or without an attacker.
      if (loss > 1n && cost / (loss - 1n) < worstRatio) worstRatio = cost / (loss - 1n);
      // The contract's own bound: a share unit costs at most an asset unit.
      const supply = attack.first * VIRTUAL;
      const most = supply + VIRTUAL - 1n - attack.first;
      const bounded = unbounded({ ...attack, gift: attack.gift < most ? attack.gift : most });
      if (bounded.loss > boundedLoss) boundedLoss = bounded.loss;
    }
    process.stdout.write(
      `vault inflation, 20,000 random attacks: virtual shares alone let an attacker take up to ${dearest} units, never for less ` +
        `than ${worstRatio} times what is beyond a unit of rounding; with the contract's bound ${boundedLoss} unit at most\n`,
    );
    expect(dearest).toBeGreaterThan(10n ** 6n);
    expect(worstRatio).toBeGreaterThanOrEqual(VIRTUAL);
    expect(boundedLoss).toBeLessThanOrEqual(1n);
  });
});

describeWithChain('vault inflation on a chain', () => {
  let chain: TestChain;
  beforeAll(async () => {
    chain = await TestChain.start();
  });
  afterAll(() => chain.stop());

  it.each([
    ['1 unit first, a million given to the vault', 1n, 1_000_000n * UNIT, 0],
    ['1 unit first, the book given as much as the limit lets through, epoch by epoch', 1n, 0n, 32],
    ['1,000 units first, the same', 1_000n, 0n, 32],
  ])(
    'takes at most a unit: %s',
    async (name, first, gift, walks) => {
      // The widest limit there can be: the attacker doubles the price every epoch.
      const terms = {
        ...TERMS,
        managementBps: 0n,
        performanceBps: 0n,
        maxMoveBps: 10_000n,
        minEpochSeconds: 0n,
      };
      const fixture = await VaultFixture.deploy(chain, terms);
      const { vault } = fixture;
      const [attacker, victim] = [fixture.holder(0), fixture.holder(1)];
      let spent = first + gift;
      await fixture.deposit(attacker, first);
      await fixture.settle(0n);
      await vault.send(attacker, 'claimShares', 1n);
      await fixture.token.send(fixture.owner(), 'mint', vault.address, gift);
      let value = 0n;
      let refused = 0;
      for (let walk = 0; walk < walks; walk += 1) {
        const more = value + first + 1n;
        await fixture.close();
        const { reverted } = await fixture.post(value + more);
        if (reverted !== undefined) {
          expect(reverted).toBe('PriceOutOfRange');
          refused += 1;
          await vault.send(fixture.owner(), 'voidEpoch', (await vault.number('currentEpoch')) - 1n);
          continue;
        }
        value += more;
        spent += more;
      }
      await fixture.earn(value);
      // Where a share costs more than a unit, the victim deposits what just does not buy another one.
      const fourShares = (4n * (await vault.number('convertToAssets', 10n ** 18n))) / 10n ** 18n;
      const stake = fourShares > 4n ? fourShares - 1n : 3n * UNIT - 1n;
      await fixture.deposit(victim, stake);
      await fixture.settle(value);
      const epoch = (await vault.number('currentEpoch')) - 1n;
      await vault.send(victim, 'claimShares', epoch);
      for (const who of [attacker, victim]) await vault.send(who, 'requestRedeem', await fixture.shares(who));
      await fixture.settle(value);
      const owed = await vault.number('unfunded');
      if (owed > 0n) await fixture.fund(owed < value ? owed : value);
      for (const who of [attacker, victim]) await vault.send(who, 'claimAssets', epoch + 1n);
      const loss = stake - (await fixture.balance(victim));
      const cost = spent - (await fixture.balance(attacker));
      process.stdout.write(
        `vault inflation (${name}): costs the attacker ${cost} units, the victim of ${stake} loses ${loss}; ` +
          `${refused} values refused as out of range\n`,
      );
      expect(refused > 0).toBe(walks > 0);
      expect(loss).toBeLessThanOrEqual(1n);
      expect(cost).toBeGreaterThanOrEqual(VIRTUAL * (loss - 1n));
    },
    240_000,
  );
});
