import { Decimal } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { openVault, settleEpoch } from './vault-epoch';
import type { EpochSettlement, VaultFees, VaultFlow, VaultState } from './vault-epoch';

/** A request that a depositor made; it waits for the end of its epoch. */
export interface FlowRequest {
  readonly at: Instant;
  readonly flow: VaultFlow;
}

export interface VaultTerms {
  readonly epoch: Nanoseconds;
  readonly fees: VaultFees;
  readonly decimalsOffset: number;
  readonly requests: readonly FlowRequest[];
}

/** A vault as a policy remembers it: what its depositors own and what they brought, smallest units. */
export interface VaultLedger {
  readonly state: VaultState;
  /** Deposits less payouts of all settled epochs. */
  readonly collateral: bigint;
  /** Profit of the book when the vault opened, smallest units: not the depositors'. */
  readonly equityAtOpening: bigint;
  /** Until when requests are settled. */
  readonly settledAt: Instant;
  readonly last: Pick<
    EpochSettlement,
    'managementFee' | 'performanceFee' | 'deposits' | 'payouts' | 'net' | 'assets'
  >;
  readonly refused: number;
}

const NOTHING = { managementFee: 0n, performanceFee: 0n, deposits: 0n, payouts: 0n, net: 0n, assets: 0n };

export function openLedger(terms: VaultTerms, now: Instant, equity: bigint): VaultLedger {
  const before = (now / terms.epoch) * terms.epoch - 1n;
  return settled(
    {
      state: openVault(terms.decimalsOffset),
      collateral: 0n,
      equityAtOpening: equity,
      settledAt: before,
      last: NOTHING,
      refused: 0,
    },
    terms,
    now,
    equity,
  );
}

export function netAssetValue(ledger: VaultLedger, equity: bigint): bigint {
  const value = ledger.collateral + equity - ledger.equityAtOpening;
  return value > 0n ? value : 0n;
}

/** Ends the epochs that are over by now, as one: everything asked for until then at one price. The same ledger when none is. */
export function advanceLedger(
  ledger: VaultLedger,
  terms: VaultTerms,
  now: Instant,
  equity: bigint,
): VaultLedger {
  return now / terms.epoch > ledger.settledAt / terms.epoch ? settled(ledger, terms, now, equity) : ledger;
}

function settled(ledger: VaultLedger, terms: VaultTerms, now: Instant, equity: bigint): VaultLedger {
  const due = terms.requests.filter(({ at }) => at > ledger.settledAt && at <= now);
  const first = ledger.state.epochs === 0;
  const elapsed = first ? 0n : now - ledger.settledAt;
  const flows = (first ? terms.requests.filter(({ at }) => at <= now) : due).map(({ flow }) => flow);
  const outcome = settleEpoch(ledger.state, netAssetValue(ledger, equity), elapsed, terms.fees, flows);
  const { managementFee, performanceFee, deposits, payouts, net, assets } = outcome;
  return {
    state: outcome.state,
    collateral: ledger.collateral + net,
    equityAtOpening: ledger.equityAtOpening,
    settledAt: now,
    last: { managementFee, performanceFee, deposits, payouts, net, assets },
    refused: ledger.refused + outcome.refused.length,
  };
}

/** Plain text, so that it replays. */
export function ledgerText(ledger: VaultLedger): string {
  return JSON.stringify(ledger, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

export function readLedger(text: string): VaultLedger {
  // Written by `ledgerText`.
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as VaultLedger;
}

/** Whole units to smallest units, rounded down. */
export function unitsOf(amount: Decimal, decimals: number): bigint {
  const rounded = amount.round(decimals, 'floor');
  return rounded.times(Decimal.ofUnits(BigInt(`1${'0'.repeat(decimals)}`), 0)).round(0, 'floor').units;
}

export function wholeUnits(units: bigint, decimals: number): Decimal {
  return Decimal.ofUnits(units, decimals);
}
