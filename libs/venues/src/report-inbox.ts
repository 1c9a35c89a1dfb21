import { reportSubject } from '@evenkeel/facts';
import type { VenueReport } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { DueReport } from './connector';

const SETTLED_MAX = 100_000;
const QUESTIONS_MAX = 100_000;

/**
 * Between a venue that speaks when it likes and a host that takes one report at a time: reports wait in the order they came, and
 * again until they are settled. What is said again unasked has the same id and is dropped; the answers to a question have ids of
 * their own, so that nothing settled before hides them. In memory: after a crash the host asks for every open order anyway.
 */
export class ReportInbox {
  private readonly waiting = new Map<string, DueReport>();
  private readonly settledIds = new Set<string>();
  private readonly questions = new Map<string, number>();
  private serial = 0;
  private received = 0;

  /** `life` sets the questions of one life of a process apart from those of others: ids are for ever. */
  constructor(private readonly life = '') {}

  /** Call before the venue is asked for an order. */
  beginQuery(clientOrderId: string): void {
    // Put last: those that have not been asked for longest are forgotten first.
    const before = this.questions.get(clientOrderId) ?? 0;
    this.questions.delete(clientOrderId);
    this.questions.set(clientOrderId, before + 1);
    const [oldest] = this.questions.keys();
    if (this.questions.size > QUESTIONS_MAX && oldest !== undefined) this.questions.delete(oldest);
  }

  receive(report: VenueReport, at: Instant): void {
    const id = this.idOf(report);
    if (this.waiting.has(id) || this.settledIds.has(id)) return;
    this.received += 1;
    this.waiting.set(id, { id, at, order: this.received, report });
  }

  /** The report that came first of those that wait; the same again until settled. */
  due(): DueReport | undefined {
    return this.waiting.values().next().value;
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
