import { sealCommit } from '@evenkeel/contracts';
import { Heads, envelopeOf } from '@evenkeel/engine';
import { subjectOf } from '@evenkeel/eventing';
import type { SealedCommit } from '@evenkeel/eventing';
import type { Actor, AggregateRef, Context, DomainEvent } from '@evenkeel/facts';
import { createRandom, formatInstant, parseInstant } from '@evenkeel/kernel';
import { everyEvent } from '@evenkeel/testkit';
import type { JournalMessage } from '../ledger/ledger-commit';
import { SampleBook } from './sample-book.test-support';

export interface SampleOptions {
  readonly seed: string;
  readonly epoch?: string;
  readonly books?: readonly string[];
  /** Evaluations per book; each is a snapshot, and about every third a decision with its orders and fills. */
  readonly steps: number;
  /** Option legs per book. */
  readonly legs?: number;
  /** At the end, one event of every type there is. */
  readonly everyEvent?: boolean;
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
  if (options.everyEvent === true)
    for (const event of everyEvent()) writer.add('every-event', START, aggregateOf(event), [event]);
  return writer.commits;
}

/** Seals events into commits that follow one another, as a reactor does. */
class ChainWriter {
  readonly commits: SampleCommit[] = [];
  private readonly heads = new Heads();
  private last = '';

  constructor(private readonly epoch: string) {}

  add(book: string, at: bigint, aggregate: AggregateRef, events: readonly DomainEvent[]): void {
    const seq = this.commits.length + 1;
    const service = SERVICE[aggregate.context];
    const actor: Actor = { kind: aggregate.context === 'strategy' ? 'algo' : 'system', id: service };
    const hashes = { policyHash: 'policy', limitsVersion: 'v1' };
    const sealed = sealCommit(
      envelopeOf(
        { aggregate, book, eventTime: formatInstant(at), actor, events, ...hashes },
        {
          epoch: this.epoch,
          producer: { service, version: '0.1.0', gitSha: 'sample', kernelHash: 'sample' },
          clock: { receivedTime: at + 1n, decidedTime: at + 2n, source: 'sample', maxErrorNs: 0n },
          origin: {
            causation: {
              stream: `EK_JOURNAL_${this.epoch}`,
              seq: BigInt(seq - 1),
              commitId: this.last,
            },
            correlationId: `sample-${at}`,
            traceparent: '',
          },
          index: seq,
          head: this.heads.of(aggregate),
        },
      ),
    );
    this.heads.note(sealed, seq);
    this.last = sealed.commit.commitId;
    this.commits.push({
      seq,
      bytes: sealed.bytes,
      subject: subjectOf(sealed.commit.partition, aggregate),
      sealed,
    });
  }
}

/** The order of the samples is followed through its whole life; everything else is of an aggregate of its own. */
function aggregateOf({ type, payload }: DomainEvent): AggregateRef {
  return 'clientOrderId' in payload && type !== 'FillApplied'
    ? { context: 'execution', type: 'hedge-order', id: payload.clientOrderId }
    : { context: 'execution', type: 'sample', id: type };
}

const SERVICE: Readonly<Record<Context, string>> = {
  price: 'price-ingest',
  risk: 'risk',
  strategy: 'strategy',
  execution: 'execution',
  governance: 'keel',
};
