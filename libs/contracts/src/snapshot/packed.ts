import type { LegValuation, MarkStatus, OptionInputs, RiskSnapshotTaken } from '@evenkeel/facts';
import { sha256 } from '@evenkeel/kernel';
import { createKernelLegPricer, dollarsPerIn } from '@evenkeel/risk';
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

/** The pricing kernel of this build. */
export function ownKernel(): LegPricer {
  kernel ??= createKernelLegPricer();
  return kernel;
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

const NUMBERS = 19;

/** The numbers of a row as they are hashed, little-endian doubles: what its inputs give, and the inputs that are numbers. */
export class LegNumbers {
  private readonly view: DataView;
  private at = 0;

  constructor(legs: readonly LegValuation[]) {
    this.view = new DataView(new ArrayBuffer(8 * NUMBERS * legs.length));
    for (const leg of legs) this.addLeg(leg);
  }

  hash(): Uint8Array {
    return sha256(new Uint8Array(this.view.buffer));
  }

  /** Whether all numbers of a leg are, to the last bit, those of the leg at the same place in another list. */
  sameAt(leg: number, other: LegNumbers): boolean {
    const end = 8 * NUMBERS * (leg + 1);
    for (let at = end - 8 * NUMBERS; at < end; at += 4)
      if (this.view.getUint32(at) !== other.view.getUint32(at)) return false;
    return true;
  }

  private addLeg(leg: LegValuation): void {
    this.add(leg.value);
    this.add(leg.unitValue);
    this.add(leg.forward);
    this.add(leg.strike);
    this.add(leg.volatility);
    this.add(leg.expiryYears);
    this.add(leg.delta);
    this.add(leg.gamma);
    this.add(leg.vega);
    this.add(leg.theta);
    this.add(leg.vanna);
    this.add(leg.volga);
    const { perContract, inputs } = leg;
    this.add(perContract?.delta);
    this.add(perContract?.gamma);
    this.add(perContract?.vega);
    this.add(perContract?.theta);
    this.add(perContract?.vanna);
    this.add(inputs?.quotedForward);
    this.add(inputs?.quotedSpot);
  }

  private add(value = Number.NaN): void {
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }
}

/** What the price of a mark is foretold to be, from the leg's value, in units of the price's scale. */
export function foretoldPrice({ unitValue, inputs }: LegValuation, tens: number): number {
  const units = Math.round((unitValue / (inputs?.contractSize ?? 1)) * tens);
  return Math.abs(units) < FORETOLD_MAX ? units : 0;
}

const FORETOLD_MAX = 2 ** 50;
