import { formatInstant } from '@evenkeel/kernel';
import type { TapeSource } from '../files/tape-manifest';
import { Origins } from './origins';
import type { Place } from './origins';
import type { Micros } from './row';

/** Where the lines of the tape's files go. */
export interface TapeOutput {
  line(file: string, text: string): void;
}

export interface Gap {
  readonly from: string;
  readonly to: string;
  /** Rows that its step would have had there. */
  readonly missing: number;
}

export interface WrittenTable {
  readonly file: string;
  readonly format: string;
  readonly of: string;
  readonly rows: number;
  readonly from: string;
  readonly to: string;
  readonly gaps: { readonly count: number; readonly missing: number; readonly longest: readonly Gap[] };
}

/** A file that lies beside the tape and is no source of it. */
export interface BesideTape {
  readonly file: string;
  readonly format: 'volatility-index';
}

/** A point of the picture: the lowest and highest price of a stretch. */
export interface PicturePoint {
  readonly at: Micros;
  readonly low: number;
  readonly high: number;
}

const GAPS_SHOWN = 10;
const PICTURE_POINTS = 512;

export const timeText = (at: Micros): string => formatInstant(BigInt(at) * 1000n);

/** One file of the tape while it is written: counts, gaps, and a thinned line for the picture. */
export class OutputTable {
  private rows = 0;
  private first: Micros = 0;
  private last: Micros = 0;
  private gapCount = 0;
  private gapMissing = 0;
  private longest: { from: Micros; to: Micros; missing: number }[] = [];
  private readonly origins = new Origins();
  private points: PicturePoint[] = [];
  private pointStep: Micros = 0;

  constructor(
    readonly source: TapeSource | BesideTape,
    readonly of: string,
    private readonly output: TapeOutput,
    header: string,
    /** Time between rows; undefined where there is none. */
    readonly step: Micros | undefined,
  ) {
    output.line(source.file, header);
  }

  /** `origin`: the row of somebody else's file that the line came of. */
  write(at: Micros, line: string, origin: Place, price?: number): void {
    this.origins.add(origin);

    if (this.rows === 0) this.first = at;
    else if (this.step !== undefined && at - this.last > this.step * 1.5) this.gap(at, this.step);
    this.last = at;
    this.rows += 1;
    this.output.line(this.source.file, line);
    if (price !== undefined) this.point(at, price);
  }

  private gap(at: Micros, step: Micros): void {
    const missing = Math.round((at - this.last) / step) - 1;
    this.gapCount += 1;
    this.gapMissing += missing;
    this.longest.push({ from: this.last, to: at, missing });
    if (this.longest.length > 2 * GAPS_SHOWN) this.keepLongest();
  }

  private keepLongest(): void {
    this.longest = this.longest.sort((a, b) => b.missing - a.missing || a.from - b.from).slice(0, GAPS_SHOWN);
  }

  private point(at: Micros, price: number): void {
    const newest = this.points.at(-1);
    if (newest !== undefined && at - newest.at < this.pointStep) {
      this.points[this.points.length - 1] = {
        at: newest.at,
        low: Math.min(newest.low, price),
        high: Math.max(newest.high, price),
      };
      return;
    }
    this.points.push({ at, low: price, high: price });
    if (this.points.length < 2 * PICTURE_POINTS) return;
    this.points = this.points.flatMap((point, index) => {
      const next = this.points[index + 1];
      if (index % 2 === 1) return [];
      if (next === undefined) return [point];
      return [{ at: point.at, low: Math.min(point.low, next.low), high: Math.max(point.high, next.high) }];
    });
    this.pointStep = 2 * ((at - this.first) / (2 * PICTURE_POINTS));
  }

  get span(): { readonly first: Micros; readonly last: Micros } | undefined {
    return this.rows === 0 ? undefined : { first: this.first, last: this.last };
  }

  /** Where a line of the file came from; the header is line 1. */
  originOf(line: number): Place | undefined {
    return this.origins.at(line - 2);
  }

  /** Whether more rows are missing than there: its step is not that of what it was made of. */
  get isThin(): boolean {
    return this.gapMissing > this.rows;
  }

  /** When its last row was known: a bar at its end. */
  get known(): Micros {
    return this.last + (this.source.format === 'ohlcv' ? (this.step ?? 0) : 0);
  }

  get picture(): readonly PicturePoint[] {
    return this.points;
  }

  written(): WrittenTable {
    this.keepLongest();
    return {
      file: this.source.file,
      format: this.source.format,
      of: this.of,
      rows: this.rows,
      from: timeText(this.first),
      to: timeText(this.last),
      gaps: {
        count: this.gapCount,
        missing: this.gapMissing,
        longest: this.longest.map((gap) => ({
          from: timeText(gap.from),
          to: timeText(gap.to),
          missing: gap.missing,
        })),
      },
    };
  }
}
