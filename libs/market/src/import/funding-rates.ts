import { Decimal } from '@evenkeel/kernel';
import type { Micros } from './row';
/** Where payments go. */
export interface FundingSink {
  funding(instrument: string, at: Micros, rate: string, interval: Micros): void;
  readonly remarks: Set<string>;
}

const HOUR: Micros = 3_600_000_000;
const RATE_DIGITS = 12;

/** Rates that name the time they are paid at: the last one before it is what was paid. */
export class PaidFunding {
  private readonly waiting = new Map<string, { readonly due: Micros; readonly rate: string }>();

  constructor(private readonly findings: FundingSink) {}

  rate(instrument: string, known: Micros, due: Micros, rate: string): void {
    const before = this.waiting.get(instrument);
    if (before !== undefined && due > before.due)
      this.findings.funding(instrument, before.due, before.rate, due - before.due);
    const isPaid = before !== undefined && due <= before.due && known > before.due;
    if (!isPaid) this.waiting.set(instrument, { due, rate });
  }
}

interface OpenHour {
  readonly from: Micros;
  /** Up to where `sum` counts. */
  since: Micros;
  rate: number;
  sum: number;
}

/** Of venues that pay as time goes by: the rate of 8 hours, as it stood through each whole hour. */
export class ContinuousFunding {
  private readonly open = new Map<string, OpenHour>();

  constructor(private readonly findings: FundingSink) {}

  rate(instrument: string, known: Micros, text: string): void {
    const rate = Number(text);
    let hour = this.open.get(instrument);
    // Nobody told the rate of an hour that begins before the first one, or of hours of silence.
    if (hour === undefined || known - hour.since > HOUR) {
      const begun = Math.ceil(known / HOUR) * HOUR;
      this.open.set(instrument, { from: begun, since: begun, rate, sum: 0 });
      return;
    }
    const end = hour.from + HOUR;
    if (known >= end) {
      const paid = (hour.sum + hour.rate * (end - hour.since)) / HOUR / 8;
      this.findings.funding(instrument, end, Decimal.ofNumber(paid, RATE_DIGITS).toString(), HOUR);
      hour = { from: end, since: end, rate: hour.rate, sum: 0 };
      this.open.set(instrument, hour);
    }
    if (known > hour.since) {
      hour.sum += hour.rate * (known - hour.since);
      hour.since = known;
    }
    hour.rate = rate;
  }
}

interface Payment {
  readonly at: Micros;
  readonly rate: string;
  readonly interval: Micros | undefined;
}

/** Payments whose interval nobody says: it is the time to the next one. */
export class Payments {
  private readonly waiting = new Map<string, Payment>();

  constructor(private readonly sink: FundingSink) {}

  add(instrument: string, at: Micros, rate: string): void {
    const before = this.waiting.get(instrument);
    const interval = before === undefined ? undefined : at - before.at;
    if (before !== undefined && interval !== undefined) this.pay(instrument, { ...before, interval });
    this.waiting.set(instrument, { at, rate, interval });
  }

  finish(): void {
    for (const [instrument, payment] of this.waiting)
      if (payment.interval === undefined)
        this.sink.remarks.add(
          `one payment of ${instrument} alone does not say its interval, and is left out`,
        );
      else this.pay(instrument, payment);
    this.waiting.clear();
  }

  private pay(instrument: string, { at, rate, interval }: Payment): void {
    if (interval !== undefined) this.sink.funding(instrument, at, rate, interval);
  }
}
