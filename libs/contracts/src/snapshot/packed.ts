import type { MarkStatus, OptionInputs, RiskSnapshotTaken } from '@evenkeel/facts';
import { OptionValuer, createKernelLegPricer, dollarsPerIn } from '@evenkeel/risk';
import type { LegPricer, RevaluationMarket } from '@evenkeel/risk';
import type { Scale } from './scaled';

/** The message `RiskSnapshotPacked`. */
export interface PackedSnapshot {
  readonly snapshot: RiskSnapshotTaken;
  readonly legPlaces: readonly number[];
  readonly markPlaces: readonly number[];
  readonly options?: OptionTable;
}

export interface OptionTable {
  readonly rows: number;
  readonly expiries: readonly string[];
  readonly kinds: readonly OptionKind[];
  readonly years: readonly number[];
  readonly quotedSpots: readonly number[];
  readonly expiryColumn: Uint8Array;
  readonly kindColumn: Uint8Array;
  readonly strike: ScaledColumn;
  readonly quantity: ScaledColumn;
  readonly volatility: ScaledColumn;
  readonly quotedForward: ScaledColumn;
  readonly yearsColumn: Uint8Array;
  readonly quotedSpotColumn: Uint8Array;
  readonly timeUnit: number;
  readonly volatilityAge: Uint8Array;
  readonly origins: readonly MarkOrigin[];
  readonly originColumn: Uint8Array;
  readonly markAge: Uint8Array;
  readonly price: ScaledColumn;
  readonly bidColumn: Uint8Array;
  readonly askColumn: Uint8Array;
  readonly numbersHash: Uint8Array;
}

export interface OptionKind extends Pick<OptionInputs, 'optionType' | 'contractSize' | 'coinSettled'> {
  readonly behind: string;
  readonly underlying: string;
}

export interface MarkOrigin {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
  readonly source: string;
}

export interface ScaledColumn extends Scale {
  readonly values: Uint8Array;
  /** What all integers are multiples of; 0 where that is 1. */
  readonly step: number;
  /** Rows whose number is held as it is, and those numbers, little-endian. */
  readonly oddRows: readonly number[];
  readonly oddNumbers: Uint8Array;
}

let kernel: LegPricer | undefined;
let valuer: OptionValuer | undefined;

/** The pricing kernel of this build. */
export function ownKernel(): LegPricer {
  kernel ??= createKernelLegPricer();
  return kernel;
}

/** Values what is read or written; its numbers stand until the next sheet. */
export function ownValuer(): OptionValuer {
  valuer ??= new OptionValuer(ownKernel());
  return valuer;
}

/** Whether this build's kernel gives the numbers of the one that a snapshot was valued with. */
export function valuesLikeUs({
  kernelHash,
  model,
}: Pick<RiskSnapshotTaken, 'kernelHash' | 'model'>): boolean {
  return model === ownKernel().model && ownKernel().pricesLike(kernelHash);
}

/** Where a snapshot's options were valued; undefined where it names no price for its numeraire or an underlying of its legs. */
export function marketOf(
  snapshot: RiskSnapshotTaken,
  underlyings: Iterable<string>,
): RevaluationMarket | undefined {
  const numeraireUsd = dollarsPerIn(snapshot, snapshot.numeraire);
  if (numeraireUsd === undefined) return undefined;
  const spots = new Map<string, number>();
  for (const underlying of underlyings) {
    const spot = dollarsPerIn(snapshot, underlying);
    if (spot === undefined) return undefined;
    spots.set(underlying, spot);
  }
  const { numeraire, rate } = snapshot;
  return { numeraire, rate, numeraireUsd, spotUsd: (underlying) => spots.get(underlying) ?? Number.NaN };
}

/** What the price of a mark is foretold to be, from the value of a contract, in units of the price's scale. */
export function foretoldPrice(unitValue: number, contractSize: number, tens: number): number {
  const units = Math.round((unitValue / contractSize) * tens);
  return Math.abs(units) < FORETOLD_MAX ? units : 0;
}

const FORETOLD_MAX = 2 ** 50;
