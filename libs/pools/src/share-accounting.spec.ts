import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import {
  feeOnTop,
  feeWithin,
  previewDeposit,
  previewMint,
  previewRedeem,
  previewWithdraw,
} from './share-accounting';
import type { VaultShares } from './share-accounting';

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

const amounts = fc.bigInt({ min: 0n, max: 10n ** 24n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 24n });
const vaults = fc.record({
  assets: amounts,
  supply: amounts,
  decimalsOffset: fc.integer({ min: 0, max: 8 }),
});

interface Case {
  readonly id: string;
  readonly inputs: Readonly<Record<string, string | number>>;
  readonly expected: Readonly<Record<string, string | number>>;
}

describe('shares of a vault', () => {
  itWithSharedData('validation/erc4626_offset_and_inflation.json')('has the published amounts', () => {
    const file = join(sharedDir() ?? '', 'validation/erc4626_offset_and_inflation.json');
    // The table's own shape.
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };
    expect(cases).toHaveLength(22);
    for (const { id, inputs, expected } of cases)
      expect({ id, ...found(inputs) }).toMatchObject({ id, ...numbers(expected) });
  });

  it('never pays more for shares than they were given for', () => {
    fc.assert(
      fc.property(vaults, positive, (vault, amount) => {
        const shares = previewDeposit(vault, amount);
        expect(previewRedeem(deposited(vault, amount), shares)).toBeLessThanOrEqual(amount);
        expect(previewMint(vault, shares)).toBeLessThanOrEqual(amount);
        expect(previewWithdraw(vault, amount)).toBeGreaterThanOrEqual(shares);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('keeps what every holder could redeem within its assets, whatever the order', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.bigInt({ min: 1n, max: 10n ** 12n })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(vaults, steps, (start, moves) => {
        let vault: VaultShares = start;
        for (const [puts, amount] of moves) {
          const before = previewRedeem(vault, 10n ** 30n);
          vault = puts
            ? deposited(vault, amount)
            : redeemed(vault, amount < vault.supply ? amount : vault.supply);
          expect(vault.assets).toBeGreaterThanOrEqual(0n);
          expect(previewRedeem(vault, vault.supply)).toBeLessThanOrEqual(vault.assets);
          // Nobody's shares lose by what others do.
          expect(previewRedeem(vault, 10n ** 30n)).toBeGreaterThanOrEqual(before);
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('bounds what inflating an empty vault can do to the next depositor by a 10^δ-th of the stake, and never pays', () => {
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 0, max: 6 }), (stake, deposit, decimalsOffset) => {
        const empty: VaultShares = { assets: 0n, supply: 0n, decimalsOffset };
        const attacker = previewDeposit(empty, 1n);
        const inflated = { ...deposited(empty, 1n), assets: 1n + stake };
        const victim = previewDeposit(inflated, deposit);
        const after = deposited(inflated, deposit);
        const lostByVictim = deposit - previewRedeem(after, victim);
        const gained = previewRedeem(after, attacker) - 1n - stake;
        // At best the attack ends even for the attacker, and only by rounding.
        expect(gained).toBeLessThanOrEqual(0n);
        const factor = 10n ** BigInt(decimalsOffset);
        if (victim === 0n) expect(deposit * factor).toBeLessThanOrEqual(stake + 2n);
        // A share is all that rounding can take, and the stake bought no more than a 10^δ-th of itself per share.
        expect((lostByVictim - 2n) * factor).toBeLessThanOrEqual(stake + deposit + 2n);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

function numbers(expected: Case['expected']): Record<string, string> {
  const entries = Object.entries(expected).filter(([key]) => key !== 'redeemablePrintedInTest');
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

function found(inputs: Case['inputs']): Record<string, string> {
  const big = (name: string): bigint => BigInt(inputs[name] ?? 0);
  const state = String(inputs['state']);
  const text = (values: Record<string, bigint>): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
  if (state.startsWith('entry fee') || state.startsWith('exit fee')) return text(withFee(inputs, big, state));
  const vault: VaultShares = {
    assets: big('totalAssets'),
    supply: big('totalSupply'),
    decimalsOffset: Number(inputs['decimalsOffset']),
  };
  const after = (assets: bigint, shares: bigint): bigint =>
    previewRedeem({ ...vault, assets: vault.assets + assets, supply: vault.supply + shares }, shares);
  switch (inputs['action']) {
    case 'deposit': {
      const shares = previewDeposit(vault, big('assets'));
      return text({ shares, redeemableAssetsAfter: after(big('assets'), shares) });
    }
    case 'mint': {
      const assets = previewMint(vault, big('shares'));
      return text({ assets, redeemableAssetsAfter: after(assets, big('shares')) });
    }
    case 'withdraw':
      return text({ shares: previewWithdraw(vault, big('assets')) });
    default:
      return text({ assets: previewRedeem(vault, big('shares')) });
  }
}

/** A vault at par: one share is one unit of assets. */
function withFee(
  inputs: Case['inputs'],
  big: (name: string) => bigint,
  state: string,
): Record<string, bigint> {
  const points = 500n;
  expect(state).toContain('500 bp');
  switch (inputs['action']) {
    case 'deposit': {
      const fee = feeWithin(big('assetsIncludingFee'), points);
      return { shares: big('assetsIncludingFee') - fee, fee };
    }
    case 'mint': {
      const fee = feeOnTop(big('shares'), points);
      return { assetsIncludingFee: big('shares') + fee, fee };
    }
    case 'redeem': {
      const fee = feeWithin(big('shares'), points);
      return { assets: big('shares') - fee, fee };
    }
    default: {
      const fee = feeOnTop(big('assets'), points);
      return { shares: big('assets') + fee, fee };
    }
  }
}
