import { listsOf } from '@evenkeel/facts';
import type { LegValuation, MarkUsed, SnapshotLists } from '@evenkeel/facts';
import type { LegPlan } from './leg-plan';
import type { LegChoice, MarkedQuotes } from './leg-watch';
import { markUsed } from './market-view';
import { legOf } from './option-sheet';
import type { OptionSheet, OptionValuer } from './option-sheet';
import type { InstrumentMark } from './state';
import { linearValuationOf } from './valuation';
import type { ValuedLegs } from './valued-legs';

/** The marks of a snapshot: those that everybody reads written out, the others as they came. */
export class UsedMarks {
  readonly plan: LegPlan;
  private readonly optionMarks: readonly InstrumentMark[];
  /** The further marks: places in the plan. The same list as long as the same marks are shown. */
  readonly further: readonly number[];
  private readonly linear: Map<number, MarkUsed>;

  constructor(
    /** Composites, then hedge instruments. */
    readonly head: readonly MarkUsed[],
    /** Hedge instruments among them. */
    shown: ReadonlySet<string>,
    { plan, marks, quotes }: LegChoice,
    private readonly nowMs: number,
  ) {
    this.plan = plan;
    this.optionMarks = quotes.marks;
    const { places, linear } = furtherOf(plan, shown);
    this.further = places;
    this.linear = new Map();
    for (const place of linear) {
      const mark = marks[place];
      if (mark !== undefined) this.linear.set(place, markUsed(this.clock, mark, plan.legs[place]?.contract));
    }
  }

  get count(): number {
    return this.head.length + this.further.length;
  }

  /** The row of the option that the mark at a place is of; −1 where it is of none. */
  rowAt(place: number): number {
    const shown = this.head[place];
    const ofPlan =
      shown === undefined ? this.further[place - this.head.length] : this.plan.placeOf.get(shown.instrument);
    return this.plan.rowOf[ofPlan ?? -1] ?? -1;
  }

  at(place: number): MarkUsed | undefined {
    return this.head[place] ?? this.ofLeg(this.further[place - this.head.length] ?? -1);
  }

  all(): MarkUsed[] {
    return [...this.head, ...this.further.flatMap((place) => this.ofLeg(place) ?? [])];
  }

  of(instrument: string): MarkUsed | undefined {
    const shown = this.head.find((mark) => mark.instrument === instrument);
    if (shown !== undefined) return shown;
    return this.ofLeg(this.further.find((place) => this.plan.legs[place]?.contract.id === instrument) ?? -1);
  }

  private ofLeg(place: number): MarkUsed | undefined {
    const row = this.plan.rowOf[place] ?? -1;
    if (row < 0) return this.linear.get(place);
    const mark = this.optionMarks[row];
    return mark && markUsed(this.clock, mark, this.plan.options.legs[row]?.contract);
  }

  private get clock(): { readonly nowMs: number } {
    return { nowMs: this.nowMs };
  }
}

interface Further {
  readonly shown: ReadonlySet<string>;
  /** Positions whose marks do not stand in the head, by place. */
  readonly places: readonly number[];
  /** Those that are no options. */
  readonly linear: readonly number[];
}

const further = new WeakMap<LegPlan, Further>();

/** Remembered by plan: the hedge instruments that have a mark are the same in one snapshot after the other. */
function furtherOf(plan: LegPlan, shown: ReadonlySet<string>): Further {
  const known = further.get(plan);
  if (known?.shown.size === shown.size && [...shown].every((one) => known.shown.has(one))) return known;
  const places: number[] = [];
  plan.legs.forEach(({ contract, position }, place) => {
    if (position.contracts !== 0 && !shown.has(contract.id)) places.push(place);
  });
  const made = { shown, places, linear: places.filter((place) => (plan.rowOf[place] ?? -1) < 0) };
  further.set(plan, made);
  return made;
}

/** The legs of a snapshot that was just taken, as columns, and its marks. */
export class TakenLists implements SnapshotLists {
  private readonly plan: LegPlan;
  readonly sheet: OptionSheet;
  readonly quotes: MarkedQuotes;
  /** All legs but the options, in order. */
  readonly linear: readonly LegValuation[];
  private made: { legs?: readonly LegValuation[]; marks?: readonly MarkUsed[] } = {};

  constructor(
    { plan, sheet, quotes, linear }: ValuedLegs,
    readonly used: UsedMarks,
    private readonly valuer: OptionValuer,
  ) {
    this.plan = plan;
    this.sheet = sheet;
    this.quotes = quotes;
    this.linear = linear.map((leg) => linearValuationOf(leg, sheet.numeraire, sheet.numeraireUsd));
  }

  /** Whether the marks are of the rows that were valued, one by one: not so where the pricer refused a leg. */
  get isInStep(): boolean {
    return this.used.plan === this.plan;
  }

  /** The rows of the legs, −1 where one is no option. */
  get rowOf(): Int32Array {
    return this.plan.rowOf;
  }

  /** The numbers of the options, `ROW_NUMBERS` a row; valid until the book is valued again. */
  numbers(): Float64Array {
    this.valuer.value(this.sheet);
    return this.valuer.numbers;
  }

  /** Their bytes. */
  bytes(): Uint8Array {
    return this.valuer.bytes(this.sheet);
  }

  legs(): readonly LegValuation[] {
    return (this.made.legs ??= this.makeLegs());
  }

  marks(): readonly MarkUsed[] {
    return (this.made.marks ??= this.used.all());
  }

  mark(instrument: string): MarkUsed | undefined {
    return this.used.of(instrument);
  }

  leg(instrument: string): LegValuation | undefined {
    const row = this.plan.rowOf[this.plan.placeOf.get(instrument) ?? -1];
    if (row === undefined) return undefined;
    return row < 0 ? this.linear[-1 - row] : this.option(row);
  }

  /** They were just made. */
  check(): void {}

  private makeLegs(): LegValuation[] {
    return Array.from(this.plan.rowOf).flatMap((row) =>
      row < 0 ? (this.linear[-1 - row] ?? []) : this.option(row),
    );
  }

  private option(row: number): LegValuation {
    return legOf(this.sheet, this.numbers(), row, this.quotes.marks[row]?.mark.eventTime ?? '');
  }
}

/** What a snapshot of this process was taken from; undefined for every other. */
export function takenListsOf(snapshot: object): TakenLists | undefined {
  const lists = listsOf(snapshot);
  return lists instanceof TakenLists ? lists : undefined;
}
