import { reportSubject } from '@evenkeel/facts';
import type { VenueReport } from '@evenkeel/facts';
import { Recent } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Backlog, DueReport } from './connector';
import { Queue } from './kept';

const SETTLED_MAX = 100_000;
const QUESTIONS_MAX = 100_000;
const WAITING_MAX = 10_000;

export interface InboxOptions {
  /** Sets the questions of one life of a process apart from those of others: ids are for ever. */
  readonly life?: string;
  /** So many reports may wait. */
  readonly waitingMax?: number;
  /** There is room again after reports had to be dropped: the venue is to be asked for everything that may have changed. */
  readonly onMissed?: () => void;
}

/**
 * Between a venue that speaks when it likes and a host that takes a few reports at a time: reports wait in the order they came, and
 * again until they are settled. What is said again unasked has the same id and is dropped; the answers to a question have ids of
 * their own, so that nothing settled before hides them. In memory: after a crash the host asks for every open order anyway, and so
 * it does after more came than may wait.
 */
export class ReportInbox {
  private readonly reports = new Queue<DueReport>();
  private readonly settledIds = new Recent<true>(SETTLED_MAX);
  private readonly questions = new Recent<number>(QUESTIONS_MAX);
  private serial = 0;
  private received = 0;
  private missed = 0;
  private owesQuestion = false;

  constructor(private readonly options: InboxOptions = {}) {}

  get backlog(): Backlog {
    return { waiting: this.reports.size, dropped: this.missed };
  }

  /** Call before the venue is asked for an order. */
  beginQuery(clientOrderId: string): void {
    this.questions.set(clientOrderId, (this.questions.get(clientOrderId) ?? 0) + 1);
  }

  receive(report: VenueReport, at: Instant): void {
    const id = this.idOf(report);
    if (this.reports.has(id) || this.settledIds.get(id) === true) return;
    if (this.reports.size >= (this.options.waitingMax ?? WAITING_MAX)) {
      this.missed += 1;
      this.owesQuestion = true;
      return;
    }
    this.received += 1;
    this.reports.add({ id, at, order: this.received, report });
  }

  /** The report that came first of those that wait; the same again until settled. */
  due(): DueReport | undefined {
    return this.reports.first();
  }

  settled(id: string): void {
    if (!this.reports.remove(id)) return;
    // Repetitions come within minutes, not after a hundred thousand reports.
    this.settledIds.set(id, true);
    if (!this.owesQuestion || this.reports.size > 0) return;
    this.owesQuestion = false;
    this.options.onMissed?.();
  }

  private idOf(report: VenueReport): string {
    const { kind } = report;
    const { life = '' } = this.options;
    const subject = reportSubject(report);
    const question = this.questions.get(subject) ?? 0;
    const prefix = question === 0 ? subject : `${subject}/query-${life}${life === '' ? '' : '-'}${question}`;
    if (kind === 'account') {
      this.serial += 1;
      return `${prefix}/account/${report.requestId}/${life}${this.serial}`;
    }
    if (kind === 'filled') return `${prefix}/filled/${report.fillId}`;
    if (kind !== 'no-answer' && kind !== 'not-found') return `${prefix}/${kind}`;
    // Not knowing is news each time.
    this.serial += 1;
    return `${prefix}/${kind}/${life}${life === '' ? '' : '-'}${this.serial}`;
  }
}
