import { reportSubject, type VenueReport } from '@evenkeel/facts';
import { formatInstant, type Instant } from '@evenkeel/kernel';

/** A report that waits for the journal. `id` names it once and for ever; `at` is ISO 8601. */
export interface WaitingReport {
  readonly id: string;
  readonly at: string;
  readonly report: VenueReport;
}

const SETTLED_MAX = 100_000;

/**
 * Between a venue that speaks when it likes and a host that takes one report at a time: reports wait in the order they came, and
 * again until they are settled. What is said again unasked has the same id and is dropped; the answers to a question have ids of
 * their own, so that nothing settled before hides them. In memory: after a crash the host asks for every open order anyway.
 */
export class VenueInbox {
  private readonly waiting = new Map<string, WaitingReport & { readonly time: Instant }>();
  private readonly settledIds = new Set<string>();
  private readonly questions = new Map<string, number>();
  private serial = 0;

  /** `life` sets the questions of one life of a process apart from those of others: ids are for ever. */
  constructor(private readonly life = '') {}

  /** Call before the venue is asked for an order. */
  beginQuery(clientOrderId: string): void {
    this.questions.set(clientOrderId, (this.questions.get(clientOrderId) ?? 0) + 1);
  }

  receive(report: VenueReport, at: Instant): void {
    const id = this.idOf(report);
    if (this.waiting.has(id) || this.settledIds.has(id)) return;
    this.waiting.set(id, { id, at: formatInstant(at), report, time: at });
  }

  /** When the oldest waiting report came; `undefined` for none. */
  due(): Instant | undefined {
    return this.waiting.values().next().value?.time;
  }

  /** Everything that waits, oldest first; the same again until settled. */
  collect(): WaitingReport[] {
    return [...this.waiting.values()].map(({ id, at, report }) => ({ id, at, report }));
  }

  settled(id: string): void {
    if (!this.waiting.delete(id)) return;
    this.settledIds.add(id);
    if (this.settledIds.size <= SETTLED_MAX) return;
    // The oldest half: repetitions come within minutes, not after a hundred thousand reports.
    for (const old of [...this.settledIds].slice(0, SETTLED_MAX / 2)) this.settledIds.delete(old);
  }

  private idOf(report: VenueReport): string {
    const { kind } = report;
    const subject = reportSubject(report);
    const question = this.questions.get(subject) ?? 0;
    const prefix =
      question === 0 ? subject : `${subject}/query-${this.life}${this.life === '' ? '' : '-'}${question}`;
    if (kind === 'account') {
      this.serial += 1;
      return `${prefix}/account/${report.requestId}/${this.life}${this.serial}`;
    }
    if (kind === 'filled') return `${prefix}/filled/${report.fillId}`;
    if (kind !== 'no-answer' && kind !== 'not-found') return `${prefix}/${kind}`;
    // Not knowing is news each time.
    this.serial += 1;
    return `${prefix}/${kind}/${this.life}${this.life === '' ? '' : '-'}${this.serial}`;
  }
}
