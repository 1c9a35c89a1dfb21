import { formatInstant, tryParseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { ageSecondsOf } from '@evenkeel/risk';
import { UNITS_MAX } from './column';

/** Times by how long before a moment they were, each worked out once: most rows of a table have one of a few. */
export class Times {
  private readonly ages = new Map<string, number | undefined>();
  private readonly texts = new Map<number, string>();

  private constructor(private readonly moment: Instant) {}

  /** Undefined where the text is not how this build writes a time. */
  static before(moment: string): Times | undefined {
    const instant = tryParseInstant(moment);
    return instant !== undefined && formatInstant(instant) === moment ? new Times(instant) : undefined;
  }

  /** Nanoseconds; undefined where the text would not come out as it was. */
  ageOf(text: string): number | undefined {
    if (this.ages.has(text)) return this.ages.get(text);
    const instant = tryParseInstant(text);
    const age = instant === undefined ? Number.NaN : Number(this.moment - instant);
    const known = Math.abs(age) <= UNITS_MAX && this.textAt(age) === text ? age : undefined;
    this.ages.set(text, known);
    return known;
  }

  textAt(age: number): string {
    const found = this.texts.get(age);
    if (found !== undefined) return found;
    const text = formatInstant(this.moment - BigInt(age));
    this.texts.set(age, text);
    return text;
  }

  /** The age as a mark says it, from the same rounded times. */
  secondsAt(age: number): number {
    const time = this.moment - BigInt(age);
    return ageSecondsOf({ nowMs: Number(this.moment) / 1e6 }, Number(time) / 1e6);
  }
}
