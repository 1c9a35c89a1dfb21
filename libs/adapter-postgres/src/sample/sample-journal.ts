import { sealCommit } from '@evenkeel/contracts';
import { aggregateKey, commitIdOf, partitionOfBook, subjectOf } from '@evenkeel/eventing';
import type { SealedCommit } from '@evenkeel/eventing';
import type { AggregateRef, Context, DomainEvent } from '@evenkeel/facts';
import { createRandom, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { JournalMessage } from '../ledger/ledger-commit';
import { SampleBook } from './sample-book';

export interface SampleOptions {
  readonly seed: string;
  readonly epoch?: string;
  readonly books?: readonly string[];
  /** Evaluations per book; each is a snapshot, and about every third a decision with its orders and fills. */
  readonly steps: number;
  /** Option legs per book. */
  readonly legs?: number;
}

export interface SampleCommit extends JournalMessage {
  readonly sealed: SealedCommit;
}

const START = parseInstant('2026-01-05T08:00:00Z');
const STEP = 300n * 1_000_000_000n;

/**
 * A made-up journal with every kind of event that leaves a mark in the ledger, chained as the services chain theirs. A
 * function of its options: the same seed gives the same bytes. For tests and benchmarks.
 */
export function sampleJournal(options: SampleOptions): readonly SampleCommit[] {
  const writer = new ChainWriter(options.epoch ?? '1');
  const random = createRandom(options.seed);
  const books = (options.books ?? ['straddles']).map(
    (name) => new SampleBook(name, random.fork(name), options.legs ?? 4),
  );
  for (const book of books)
    for (const [aggregate, events] of book.opening(formatInstant(START)))
      writer.add(book.name, START, aggregate, events);
  for (let step = 1; step <= options.steps; step += 1) {
    const at = START + BigInt(step) * STEP;
    for (const book of books) {
      for (const [aggregate, events] of book.step(step, formatInstant(at)))
        writer.add(book.name, at, aggregate, events);
    }
  }
  return writer.commits;
}

/** Seals events into commits that follow one another, as a reactor does. */
class ChainWriter {
  readonly commits: SampleCommit[] = [];
  private readonly heads = new Map<string, { version: number; hash: Uint8Array }>();
  private previous = { seq: 0, commitId: '' };

  constructor(private readonly epoch: string) {}

  add(book: string, at: bigint, aggregate: AggregateRef, events: readonly DomainEvent[]): void {
    const key = aggregateKey(aggregate);
    const head = this.heads.get(key) ?? { version: 0, hash: new Uint8Array(0) };
    const seq = this.commits.length + 1;
    const commitId = commitIdOf(aggregate, `sample-${seq}`, 0);
    const toVersion = head.version + events.length;
    const sealed = sealCommit({
      schemaVersion: 1,
      commitId,
      epoch: this.epoch,
      partition: partitionOfBook(book),
      aggregate,
      book,
      fromVersion: head.version + 1,
      toVersion,
      prevHash: head.hash,
      causation: {
        stream: `EK_JOURNAL_${this.epoch}`,
        seq: BigInt(this.previous.seq),
        commitId: this.previous.commitId,
      },
      correlationId: `sample-${at}`,
      traceparent: '',
      actor: { kind: aggregate.context === 'strategy' ? 'algo' : 'system', id: SERVICE[aggregate.context] },
      producer: {
        service: SERVICE[aggregate.context],
        version: '0.1.0',
        gitSha: 'sample',
        kernelHash: 'sample',
      },
      config: { policyHash: 'policy', limitsVersion: 'v1' },
      clock: { eventTime: at, receivedTime: at + 1n, decidedTime: at + 2n, source: 'sample', maxErrorNs: 0n },
      events: events.map((event, index) => ({ id: `${commitId}:${index}`, version: 1, event })),
    });
    this.heads.set(key, { version: toVersion, hash: sealed.hash });
    this.previous = { seq, commitId };
    this.commits.push({
      seq,
      bytes: sealed.bytes,
      subject: subjectOf(sealed.commit.partition, aggregate),
      sealed,
    });
  }
}

const SERVICE: Readonly<Record<Context, string>> = {
  price: 'price-ingest',
  risk: 'risk',
  strategy: 'strategy',
  execution: 'execution',
  governance: 'keel',
};
