import fc from 'fast-check';
import { previewDeposit, previewRedeem } from '@evenkeel/pools';
import type { VaultShares } from '@evenkeel/pools';
import { MANAGER, openVault, settleEpoch } from './vault-epoch';
import type { VaultFees, VaultFlow, VaultState } from './vault-epoch';

const deposited = (vault: VaultShares, assets: bigint): VaultShares => ({
  ...vault,
  assets: vault.assets + assets,
  supply: vault.supply + previewDeposit(vault, assets),
});
const redeemed = (vault: VaultShares, shares: bigint): VaultShares => ({
  ...vault,
  assets: vault.assets - previewRedeem(vault, shares),
  supply: vault.supply - shares,
});

const YEAR = 365n * 86_400n * 1_000_000_000n;
const NO_FEES: VaultFees = { managementPerYear: 0n, performance: 0n };
const amount = fc.bigInt({ min: 1n, max: 10n ** 13n });
const holder = fc.constantFrom('ann', 'bob', 'eve');
const flow: fc.Arbitrary<VaultFlow> = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), holder, assets: amount }),
  fc.record({ kind: fc.constant('redeem' as const), holder, shares: amount }),
);
const fees = fc.record({
  managementPerYear: fc.bigInt({ min: 0n, max: 50_000n }),
  performance: fc.bigInt({ min: 0n, max: 300_000n }),
});
/** Gain or loss of an epoch, parts per thousand. */
const returns = fc.integer({ min: -300, max: 300 }).map(BigInt);
const epochs = fc.array(fc.record({ flows: fc.array(flow, { maxLength: 6 }), gain: returns }), {
  minLength: 1,
  maxLength: 8,
});

function sumOfHolders(state: VaultState): bigint {
  return Object.values(state.holders).reduce((sum, shares) => sum + shares, 0n);
}

const opened = (assets: bigint, offset = 3): VaultState =>
  settleEpoch(openVault(offset), 0n, YEAR, NO_FEES, [{ kind: 'deposit', holder: 'ann', assets }]).state;

describe('an epoch of a vault', () => {
  it('keeps every share somebody’s and every claim within the assets, whatever comes', () => {
    fc.assert(
      fc.property(epochs, fees, (story, terms) => {
        let state = openVault(3);
        let assets = 0n;
        for (const { flows, gain } of story) {
          assets += (assets * gain) / 1000n;
          const settled = settleEpoch(state, assets, YEAR / 12n, terms, flows);
          state = settled.state;
          expect(settled.assets).toBe(assets + settled.net);
          assets = settled.assets;
          expect(sumOfHolders(state)).toBe(state.supply);
          for (const shares of Object.values(state.holders)) expect(shares).toBeGreaterThanOrEqual(0n);
          const vault = { assets, supply: state.supply, decimalsOffset: 3 };
          const claims = Object.values(state.holders).reduce(
            (sum, shares) => sum + previewRedeem(vault, shares),
            0n,
          );
          expect(claims).toBeLessThanOrEqual(assets);
          expect(settled.managementFee + settled.performanceFee).toBeLessThanOrEqual(
            assets + settled.payouts,
          );
        }
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('nets deposits against redemptions to what processing them one after the other gives, but for the last unit', () => {
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 6 }), amount, returns, (flows, first, gain) => {
        const assets = first + (first * gain) / 1000n;
        const before = opened(first);
        const settled = settleEpoch(before, assets, 0n, NO_FEES, flows);
        let vault = { assets, supply: before.supply, decimalsOffset: 3 };
        const met = flows.filter((one) => !settled.refused.some((entry) => entry.flow === one));
        const slack = BigInt(met.length) + 1n;
        let least = assets + 1n;
        for (const one of met) {
          vault = one.kind === 'deposit' ? deposited(vault, one.assets) : redeemed(vault, one.shares);
          if (vault.assets + 1n < least) least = vault.assets + 1n;
        }
        expect(near(settled.assets, vault.assets, slack)).toBe(true);
        // A unit of rounding on the way moves the price by one part in the assets there were.
        const most = settled.state.supply + vault.supply + 2000n;
        expect(near(settled.state.supply * least, vault.supply * least, 2n * slack * most)).toBe(true);
      }),
      { seed: 9, numRuns: 300 },
    );
  });

  it('gives everybody one price, whatever the order they came in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ kind: fc.constant('deposit' as const), holder, assets: amount }), {
          maxLength: 6,
        }),
        amount,
        (flows, first) => {
          const before = opened(first);
          const forward = settleEpoch(before, first, 0n, NO_FEES, flows).state;
          const backward = settleEpoch(before, first, 0n, NO_FEES, [...flows].reverse()).state;
          expect(backward.supply).toBe(forward.supply);
          for (const name of ['ann', 'bob', 'eve'])
            expect(backward.holders[name]).toBe(forward.holders[name]);
        },
      ),
      { seed: 10, numRuns: 100 },
    );
  });

  it('never gives anybody more than was put in while nothing was earned', () => {
    fc.assert(
      fc.property(amount, amount, (first, mine) => {
        const inside = settleEpoch(opened(first), first, 0n, NO_FEES, [
          { kind: 'deposit', holder: 'eve', assets: mine },
        ]);
        const shares = inside.state.holders['eve'] ?? 0n;
        fc.pre(shares > 0n);
        const out = settleEpoch(inside.state, inside.assets, 0n, NO_FEES, [
          { kind: 'redeem', holder: 'eve', shares },
        ]);
        expect(out.payouts).toBeLessThanOrEqual(mine);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('takes no more than the stated fees, and no performance fee below the high-water mark', () => {
    fc.assert(
      fc.property(amount, returns, returns, fees, (first, one, two, terms) => {
        const before = opened(first);
        const up = first + (first * one) / 1000n;
        const middle = settleEpoch(before, up, YEAR, terms, []);
        expect(middle.managementFee).toBeLessThanOrEqual((up * terms.managementPerYear) / 1_000_000n);
        const gain = up > first ? up - first : 0n;
        expect(middle.performanceFee * 1_000_000n).toBeLessThanOrEqual(gain * terms.performance);
        const worth = previewRedeem(
          { assets: up, supply: middle.state.supply, decimalsOffset: 3 },
          middle.state.holders[MANAGER] ?? 0n,
        );
        expect(worth).toBeLessThanOrEqual(middle.managementFee + middle.performanceFee);
        // A fall and a recovery to where it was earns nothing twice.
        const down = two < 0n ? up + (up * two) / 1000n : up;
        const fallen = settleEpoch(middle.state, down, 0n, terms, []);
        expect(fallen.performanceFee).toBe(0n);
        expect(settleEpoch(fallen.state, up, 0n, terms, []).performanceFee).toBe(0n);
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  it('charges 2 and 20 on a year of 10 %', () => {
    const terms = { managementPerYear: 20_000n, performance: 200_000n };
    const settled = settleEpoch(opened(1_000_000_000_000n), 1_100_000_000_000n, YEAR, terms, []);
    expect(settled.managementFee).toBe(22_000_000_000n);
    // 20 % of what is above the mark once the new shares share in it.
    expect(Number(settled.performanceFee) / 0.2 / 78_000_000_000).toBeCloseTo(1, 1);
  });

  it('refuses to redeem more than was held before the epoch, naming the request', () => {
    const before = opened(1000n);
    const shares = (before.holders['ann'] ?? 0n) + 1n;
    const settled = settleEpoch(before, 1000n, 0n, NO_FEES, [
      { kind: 'deposit', holder: 'ann', assets: 500n },
      { kind: 'redeem', holder: 'ann', shares },
    ]);
    expect(settled.refused).toEqual([
      { flow: { kind: 'redeem', holder: 'ann', shares }, reason: 'MORE_THAN_HELD' },
    ]);
    expect(settled.net).toBe(500n);
  });
});

function near(a: bigint, b: bigint, slack: bigint): boolean {
  return (a > b ? a - b : b - a) <= slack;
}
