import { partitionOfBook } from '@evenkeel/eventing';
import type { Commit } from '@evenkeel/eventing';
import {
  carriedExecution,
  carriedOrder,
  createOrderCore,
  mayBeReported,
  withKill,
} from '@evenkeel/execution';
import type { ExecutionState, HedgeOrder } from '@evenkeel/execution';
import type {
  Actor,
  BookOpened,
  CommitDraft,
  DomainEvent,
  GivenUp,
  KillEngaged,
  PolicySet,
  Refusals,
  VenueAccountOpened,
} from '@evenkeel/facts';
import { FIRM, IDENTITIES, openProposals } from '@evenkeel/governance';
import type { GovernanceRecord } from '@evenkeel/governance';
import { carriedProgram, createProgramCore, givenUpBy } from '@evenkeel/hedging';
import type { ProgramState } from '@evenkeel/hedging';
import { canonicalJson, formatInstant, required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Instant, Json } from '@evenkeel/kernel';
import { carriedBook, createRiskCore } from '@evenkeel/risk';
import type { RiskState } from '@evenkeel/risk';
import { FoldedCore } from './folded-core';
import { governanceRecord } from './governance';

/** A desk's state at the end of an epoch, as another epoch begins with it. */
export interface CarriedDesk {
  /** The first facts, one commit an aggregate, in the order in which they are written. */
  readonly drafts: readonly CommitDraft[];
  readonly givenUp: readonly GivenUp[];
  /** SHA-256 of what the facts say, hex. */
  readonly hash: string;
}

export interface CarryOptions {
  /** The epoch that was folded. */
  readonly fromEpoch: string;
  /** Event time of the first facts, not before anything that was folded. */
  readonly at: string;
  /** Names what the new epoch counts apart from what the end of the other one, where it is lost, may have counted. */
  readonly lineage: string;
}

/** What is said once of a book and is good until it is said again. */
interface Said {
  opened?: BookOpened;
  policySet?: { readonly payload: PolicySet; readonly actor: Actor };
  readonly accounts: Map<string, VenueAccountOpened>;
  /** Latches on record for the book, by scope. */
  readonly kills: Map<string, readonly KillEngaged[]>;
}

/** Folds one epoch of a desk by its production cores, from the record alone, and says what another epoch takes over. */
export class DeskFold {
  private readonly partitions = new Map<string, PartitionFold>();
  /** People and what they agreed to, judged by all the rules. */
  readonly governance: GovernanceRecord = governanceRecord();
  private newest: Instant = 0n;

  /** The next commit of the journal. */
  take(commit: Commit): void {
    if (commit.clock.eventTime > this.newest) this.newest = commit.clock.eventTime;
    const refusals = this.governance.judged({ commit }).refusals;
    let fold = this.partitions.get(commit.partition);
    if (fold === undefined) this.partitions.set(commit.partition, (fold = new PartitionFold()));
    fold.take(commit, refusals);
  }

  /** Newest event time on record. */
  get eventTime(): Instant {
    return this.newest;
  }

  get eventTimeText(): string {
    return formatInstant(this.newest);
  }

  get books(): readonly string[] {
    return [...this.partitions.values()].flatMap((fold) => fold.books).sort();
  }

  /** The cores' states in a book's partition. */
  statesOf(book: string): DeskStates | undefined {
    return this.partitions.get(partitionOfBook(book))?.states;
  }

  carried(options: CarryOptions): CarriedDesk {
    const drafts = [...this.roster(options.at)];
    const givenUp: GivenUp[] = openProposals(this.governance.state).map(({ proposed }) => ({
      book: proposed.scope,
      kind: 'proposal',
      name: proposed.proposalId,
    }));
    for (const book of this.books) {
      const fold = required(this.partitions.get(partitionOfBook(book)), `the partition of ${book}`);
      drafts.push(...fold.carried(book, options, this.newest));
      givenUp.push(...fold.givenUp(book));
    }
    return { drafts, givenUp: distinct(givenUp), hash: hashOfFacts(drafts) };
  }

  /** Who is enrolled at the end of the epoch; how they came in stands in its record. */
  private roster(at: string): CommitDraft[] {
    const { roster, required: level } = this.governance;
    if (roster === undefined) return [];
    const payload = this.governance.carried(at, level);
    const events: DomainEvent[] = [{ type: 'GovernanceOpened', payload }];
    return [{ aggregate: IDENTITIES, book: FIRM, eventTime: at, actor: CARRIER, events }];
  }
}

export interface DeskStates {
  readonly risk: RiskState;
  readonly strategy: ProgramState;
  readonly execution: ExecutionState;
}

const CARRIER: Actor = { kind: 'system', id: 'carry' };

class PartitionFold {
  private readonly risk = new FoldedCore(createRiskCore());
  private readonly strategy = new FoldedCore(createProgramCore());
  private readonly execution = new FoldedCore(createOrderCore());
  private readonly said = new Map<string, Said>();

  take(commit: Commit, refusals?: Refusals): void {
    this.risk.take(commit, refusals);
    this.strategy.take(commit, refusals);
    this.execution.take(commit, refusals);
    for (const { event } of commit.events) this.note(commit, event);
  }

  get books(): readonly string[] {
    return Object.keys(this.risk.now.books);
  }

  get states(): DeskStates {
    return { risk: this.risk.now, strategy: this.strategy.now, execution: this.execution.now };
  }

  private note({ book, actor, aggregate }: Commit, event: DomainEvent): void {
    if (aggregate.context === 'governance') return;
    let said = this.said.get(book);
    if (said === undefined) this.said.set(book, (said = { accounts: new Map(), kills: new Map() }));
    if (event.type === 'BookOpened') said.opened = event.payload;
    else if (event.type === 'PolicySet') said.policySet = { payload: event.payload, actor };
    else if (event.type === 'VenueAccountOpened') said.accounts.set(event.payload.venue, event.payload);
    else if (event.type === 'KillEngaged')
      said.kills.set(event.payload.scope, withKill(said.kills.get(event.payload.scope) ?? [], event.payload));
    else if (event.type === 'KillReleased') said.kills.delete(event.payload.scope);
  }

  carried(book: string, { at, fromEpoch, lineage }: CarryOptions, newest: Instant): CommitDraft[] {
    const said = required(this.said.get(book), `what was said of ${book}`);
    const orders = this.ordersOf(book).filter((order) => mayBeReported(order, newest));
    const fills = new Set(orders.flatMap(({ fills: own }) => [...own.keys()]));
    const base = { book, eventTime: at, actor: CARRIER };
    const opened = required(said.opened, `the opening of ${book}`);
    const tells = (fillId: string): boolean => fills.has(fillId.replace(/\/bust$/, ''));
    const drafts: CommitDraft[] = [
      {
        ...base,
        aggregate: { context: 'risk', type: 'book', id: book },
        events: carriedBook(this.risk.now, { book, at, fromEpoch, lineage, opened, tells }),
      },
    ];
    const program = this.strategy.now.programs[book];
    if (program !== undefined && said.policySet !== undefined) {
      const policySet = said.policySet.payload;
      drafts.push({
        ...base,
        aggregate: { context: 'strategy', type: 'hedge-program', id: book },
        events: carriedProgram(program, { at, fromEpoch, policySet }),
        policyHash: policySet.policyHash,
      });
    }
    const { accounts, kills } = said;
    const execution = { book, at, fromEpoch, opened: accounts, kills };
    for (const draft of carriedExecution(this.execution.now, execution)) drafts.push({ ...base, ...draft });
    for (const order of orders)
      drafts.push({
        ...base,
        aggregate: { context: 'execution', type: 'hedge-order', id: order.clientOrderId },
        events: [{ type: 'OrderCarried', payload: carriedOrder(order, at, fromEpoch) }],
      });
    return drafts;
  }

  givenUp(book: string): GivenUp[] {
    const program = this.strategy.now.programs[book];
    const requests = this.risk.now.requests.filter(({ payload }) => payload.book === book);
    const limits = this.execution.now.books.get(book)?.limitProposals.keys() ?? [];
    return [
      ...(program === undefined ? [] : givenUpBy(program)),
      ...requests.map(({ payload }) => ({ book, kind: 'request', name: payload.requestId })),
      ...[...limits].map((name) => ({ book, kind: 'proposal', name })),
    ];
  }

  private ordersOf(book: string): HedgeOrder[] {
    const own = [...this.execution.now.orders.values()].filter((order) => order.book === book);
    return own.sort((a, b) => (a.intendedAt < b.intendedAt ? -1 : a.intendedAt > b.intendedAt ? 1 : 0));
  }
}

function distinct(all: readonly GivenUp[]): GivenUp[] {
  const found = new Map(all.map((one) => [`${one.kind} ${one.name}`, one]));
  return [...found.values()];
}

/** The same end may have been taken over before, by an epoch that was lost too: the wall clock tells them apart. */
export function lineageOf(fromEpoch: string, begunAt: string): string {
  return `${fromEpoch}@${begunAt}`;
}

/** What facts say, whoever wrote them and when: the same for whoever folds the same record. */
function hashOfFacts(facts: readonly Pick<CommitDraft, 'aggregate' | 'book' | 'events'>[]): string {
  const texts = facts.map(({ aggregate, book, events }) => factText({ aggregate, book, events }));
  return toHex(sha256(utf8(texts.join('\n'))));
}

/** A first fact as one line; what is absent and what is undefined say the same. */
export function factText({
  aggregate,
  book,
  events,
}: Pick<CommitDraft, 'aggregate' | 'book' | 'events'>): string {
  return canonicalJson(JSON.parse(JSON.stringify({ aggregate, book, events })) as Json); // payloads are plain data
}
