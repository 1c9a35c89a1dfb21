import { aggregateKey, commitIdOf } from '@evenkeel/eventing';
import type { Approval, CommitDraft, DomainEvent } from '@evenkeel/facts';
import {
  FIRM,
  IDENTITIES,
  approvalFor,
  approvalIn,
  headOf,
  placeOfChange,
  toFact,
} from '@evenkeel/governance';
import type {
  CommitOfPeople,
  Enrolment,
  GovernanceEvent,
  GovernanceOpened,
  Proposal,
} from '@evenkeel/governance';
import { governanceRecord } from '@evenkeel/engine';
import { EvenkeelError, canonicalJson, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { BookUnderManagement } from '@evenkeel/engine';
import { judgedAgain } from './judged-again';

/** What an approval of a book covers: its file, the policy and the contract terms that override it. */
export function bookContent(managed: BookUnderManagement): string {
  const { file, policy, instruments } = managed;
  const content = {
    book: file,
    ...(policy === undefined ? {} : { policy }),
    ...(instruments === undefined ? {} : { instruments }),
  };
  // Plain data of parsed files; a round trip drops what is undefined.
  return canonicalJson(JSON.parse(JSON.stringify(content)) as Json);
}

export interface BootGovernanceOptions {
  /** Who is enrolled, as the epoch is to be told; `undefined` where nobody is. */
  readonly opening: GovernanceOpened | undefined;
  /** What was agreed on before there was a journal: files of `keel propose book … --out`. */
  readonly approvals: readonly ProposalRecord[];
  /** Refuse books that two people did not agree on. */
  readonly required: boolean;
  readonly books: readonly BookUnderManagement[];
  /** Event time of the first facts. */
  readonly eventTime: string;
  /** Wall clock. */
  readonly now: string;
}

/** Proposals and approvals kept outside the journal. Nothing is believed of them: they are judged by the roster at hand. */
export interface ProposalRecord {
  /** What it says, oldest first. */
  events(): readonly GovernanceEvent[];
}

export interface BootGovernance {
  /** The first facts of governance in this epoch. */
  readonly facts: readonly CommitDraft[];
  /** Hash of the roster in force, for services to pin. */
  readonly rosterHead: string | undefined;
  /** Says in a book's first facts who is behind them. */
  readonly adapt: (draft: CommitDraft) => CommitDraft;
}

/**
 * What an epoch begins with: who is enrolled, and the approvals of its books. Throws `GOVERNANCE.NOT_APPROVED` where one is
 * required and missing, `GOVERNANCE.ENROLMENT_INVALID` where it is required and the roster cannot govern.
 */
export function bootGovernance(options: BootGovernanceOptions): BootGovernance {
  const { opening, required, eventTime, now } = options;
  if (opening === undefined && required)
    throw new EvenkeelError({
      code: 'GOVERNANCE.ENROLMENT_INVALID',
      message:
        'books open only with a second person here (EK_GOVERNANCE=required, or a real venue), and nobody could be one: enrol two administrators and the others with `keel identity create`',
    });
  const record = governanceRecord();
  const [fault] = opening === undefined ? [] : record.take(openingCommit(opening, now));
  if (fault !== undefined)
    throw new EvenkeelError({ code: `GOVERNANCE.${fault.problem}`, message: fault.message });
  const people = [...record.state.identities.values()];
  const approved = opening === undefined ? new Map<string, BookApproval>() : approvedBooks(options, people);
  const facts = opening === undefined ? [] : [draftOf(IDENTITIES, FIRM, eventTime, 'local', [opening])];
  for (const { file } of options.books) {
    const approval = approved.get(file.book);
    if (approval === undefined) continue;
    const { aggregate, book } = placeOfChange('book', file.book);
    facts.push(draftOf(aggregate, book, eventTime, approval.approval.approvedBy, approval.events));
  }
  const rosterHead = record.roster === undefined ? undefined : headOf(record.roster);
  return { facts, rosterHead, adapt: (draft) => attributed(draft, approved.get(draft.book)?.approval) };
}

function openingCommit(opening: GovernanceOpened, now: string): CommitOfPeople {
  const time = parseInstant(now);
  const clock = { decidedTime: time, eventTime: time };
  return { commitId: '', book: FIRM, clock, events: [{ event: toFact(opening) }] };
}

interface BookApproval {
  readonly approval: Approval;
  readonly events: readonly GovernanceEvent[];
}

function approvedBooks(
  options: BootGovernanceOptions,
  people: readonly Enrolment[],
): ReadonlyMap<string, BookApproval> {
  const { books, approvals, required, now } = options;
  const found = new Map<string, BookApproval>();
  for (const managed of books) {
    const { book } = managed.file;
    const content = bookContent(managed);
    for (const file of approvals) {
      const proposal = approvalFor(judgedAgain(people, file.events()), 'book', book, content);
      if (!proposal.ok || parseInstant(proposal.value.proposed.expiresAt) <= parseInstant(now)) continue;
      found.set(book, { approval: approvalIn(proposal.value), events: eventsOf(file, proposal.value, now) });
    }
    if (required && !found.has(book)) {
      throw new EvenkeelError({
        code: 'GOVERNANCE.NOT_APPROVED',
        message: `book ${book} as it stands is not approved by a second person: \`keel propose book\`, then \`keel approve\`, then --approval with the file`,
      });
    }
  }
  return found;
}

function eventsOf(file: ProposalRecord, { proposed }: Proposal, now: string): readonly GovernanceEvent[] {
  const { proposalId, scope } = proposed;
  const aggregate = { context: 'risk', type: 'book', id: scope } as const;
  const own = file.events().filter((event) => 'proposalId' in event && event.proposalId === proposalId);
  const commitId = commitIdOf(aggregate, uuidV5(`boot|${aggregateKey(aggregate)}`), 0);
  return [...own, { type: 'ChangeApplied', proposalId, commitId, at: now }];
}

function draftOf(
  aggregate: CommitDraft['aggregate'],
  book: string,
  eventTime: string,
  by: string,
  events: readonly GovernanceEvent[],
): CommitDraft {
  return { aggregate, book, eventTime, actor: { kind: 'human', id: by }, events: events.map(toFact) };
}

/** Without an approval the fact says that one person set it, on the spot. */
function attributed(draft: CommitDraft, approval: Approval | undefined): CommitDraft {
  const events = draft.events.map((event): DomainEvent =>
    event.type === 'PolicySet' && approval !== undefined
      ? { ...event, payload: { ...event.payload, approval } }
      : event,
  );
  return { ...draft, actor: { kind: 'human', id: approval?.approvedBy ?? 'local' }, events };
}
