import type { Mark, MarketInstant } from '@evenkeel/facts';
import type { Nanoseconds } from '@evenkeel/kernel';
import type { VenueNote } from '@evenkeel/venues';

/** Beyond the first, the wall clock and event time differ enough to be said; beyond the second nothing is hedged on. */
export const CLOCK_ALARM_NS: Nanoseconds = 250_000_000n;
export const CLOCK_HALT_NS: Nanoseconds = 1_000_000_000n;
/** Why a price is halted whose time nobody can vouch for. */
export const CLOCK_UNTRUSTED = 'PRICE.CLOCK_UNTRUSTED';

type Standing = 'agrees' | 'differs' | 'untrusted';

/**
 * Watches how far the wall clock has gone from event time. A difference is a fact and an alarm; a large one halts every price, and with the
 * prices new orders, until the two have come together again or a person has begun anew.
 */
export class ClockGuard {
  private standing: Standing = 'agrees';
  private readonly known = new Map<string, Mark>();

  /** `note` hears of every change; the note goes on the journal. */
  constructor(private readonly onChange: (note: VenueNote, isWorse: boolean) => void) {}

  /** The instant as it may be published. */
  check(instant: MarketInstant, differenceNs: Nanoseconds): MarketInstant {
    const before = this.standing;
    this.standing = standingOf(differenceNs);
    if (this.standing !== before)
      this.onChange(noteOf(this.standing, differenceNs), worse(this.standing, before));
    for (const mark of instant.marks) this.known.set(mark.instrument, mark);
    // Marks are told when they change: what was halted for the clock is told anew, whether it has moved since or not.
    if (this.standing !== 'untrusted')
      return before === 'untrusted' ? { ...instant, marks: [...this.known.values()] } : instant;
    // Once for all that was believed until now; from then on what comes is halted as it comes.
    const marks = before === 'untrusted' ? instant.marks : [...this.known.values()];
    return { ...instant, marks: marks.map(halted) };
  }
}

function standingOf(differenceNs: Nanoseconds): Standing {
  const size = differenceNs < 0n ? -differenceNs : differenceNs;
  if (size > CLOCK_HALT_NS) return 'untrusted';
  return size > CLOCK_ALARM_NS ? 'differs' : 'agrees';
}

const ORDER: readonly Standing[] = ['agrees', 'differs', 'untrusted'];

function worse(now: Standing, before: Standing): boolean {
  return ORDER.indexOf(now) > ORDER.indexOf(before);
}

function noteOf(standing: Standing, differenceNs: Nanoseconds): VenueNote {
  const what = { agrees: 'clock-agrees', differs: 'clock-differs', untrusted: 'clock-untrusted' }[standing];
  const detail = `the wall clock is ${differenceNs} ns from event time`;
  return { what, instrument: '', detail, offsetNs: differenceNs.toString() };
}

function halted(mark: Mark): Mark {
  return { ...mark, status: 'HALTED', reasons: [...mark.reasons, CLOCK_UNTRUSTED] };
}
