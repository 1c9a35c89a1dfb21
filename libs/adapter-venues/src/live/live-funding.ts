import type { FundingRate } from '@evenkeel/facts';
import { FUNDING_TERMS } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_HOUR, formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { TickerEvent } from '@evenkeel/venue-wire';

/** What a contract's rate has come to since the last whole hour. */
interface Accrual {
  readonly instrument: string;
  readonly source: string;
  /** Nanoseconds that the rate is of. */
  readonly rateOf: Decimal;
  /** The rate in force, and up to when it is counted. */
  rate: Decimal;
  until: Instant;
  /** Σ rate × nanoseconds. */
  sum: Decimal;
  /** Of whole hours that are over, to be told. */
  readonly payments: FundingRate[];
}

const RATE_DIGITS = 18;
const nanoseconds = (count: bigint): Decimal => Decimal.ofUnits(count, 0);
const hourAfter = (at: Instant): Instant => (at / NANOS_PER_HOUR + 1n) * NANOS_PER_HOUR;

/**
 * The fundings of live perpetuals, each at its own time: announced by the venue, at whole hours, or, where a venue pays all the
 * time, once an hour what the rates came to (`FUNDING_TERMS`). Pure. A rate goes on until the venue says another one.
 */
export class LiveFunding {
  /** Announced and not yet due, by contract and time. */
  private readonly announced = new Map<string, { readonly dueAt: Instant; readonly rate: FundingRate }>();
  private readonly accruals = new Map<string, Accrual>();

  take(event: TickerEvent, source: string, at: Instant): void {
    const { instrument, fundingRate, fundingTime, venue } = event;
    if (fundingRate === undefined) return;
    const terms = FUNDING_TERMS[venue];
    switch (terms?.paid) {
      case 'continuous':
        return this.accrue({ instrument, source, rateOf: nanoseconds(terms.rateOf) }, fundingRate, at);
      case 'hourly':
        return this.announce(instrument, source, fundingRate, hourAfter(at), at);
      default:
        // The last rate announced before the time is the one that is paid.
        if (fundingTime !== undefined) this.announce(instrument, source, fundingRate, fundingTime, at);
    }
  }

  /** Those that have fallen due, each once. */
  due(now: Instant): FundingRate[] {
    const due: FundingRate[] = [];
    for (const [key, { dueAt, rate }] of [...this.announced]) {
      if (dueAt > now) continue;
      due.push(rate);
      this.announced.delete(key);
    }
    for (const accrual of this.accruals.values()) {
      countUpTo(accrual, hourAfter(now) - NANOS_PER_HOUR);
      due.push(...accrual.payments.splice(0));
    }
    return due;
  }

  private announce(instrument: string, source: string, rate: string, dueAt: Instant, at: Instant): void {
    // A payment that is already due stays; one that has been put to another time does not.
    for (const [key, pending] of [...this.announced]) {
      if (pending.rate.instrument === instrument && pending.dueAt > at && pending.dueAt !== dueAt)
        this.announced.delete(key);
    }
    const announced = { instrument, rate, at: formatInstant(dueAt), source };
    this.announced.set(`${instrument}/${dueAt}`, { dueAt, rate: announced });
  }

  private accrue(
    of: Pick<Accrual, 'instrument' | 'source' | 'rateOf'>,
    fundingRate: string,
    at: Instant,
  ): void {
    const rate = Decimal.parse(fundingRate);
    const known = this.accruals.get(of.instrument);
    if (known === undefined) {
      this.accruals.set(of.instrument, { ...of, rate, until: at, sum: Decimal.ZERO, payments: [] });
      return;
    }
    countUpTo(known, at);
    known.rate = rate;
  }
}

/** Messages of one moment may come in any order: time that is counted is not counted again. */
function countUpTo(accrual: Accrual, at: Instant): void {
  const { instrument, source, rateOf, payments } = accrual;
  while (accrual.until < at) {
    const hour = hourAfter(accrual.until);
    const next = hour < at ? hour : at;
    accrual.sum = accrual.sum.plus(accrual.rate.times(nanoseconds(next - accrual.until)));
    accrual.until = next;
    if (next !== hour) continue;
    const rate = accrual.sum.dividedBy(rateOf, RATE_DIGITS, 'half-even').toString();
    payments.push({ instrument, rate, at: formatInstant(hour), source });
    accrual.sum = Decimal.ZERO;
  }
}
