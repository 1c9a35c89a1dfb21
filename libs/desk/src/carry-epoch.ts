import type { TreeHead } from '@evenkeel/audit';
import { DeskFold, lineageOf } from '@evenkeel/engine';
import type { CarriedDesk } from '@evenkeel/engine';
import type { CommitDraft, EpochCarried } from '@evenkeel/facts';
import { FIRM, approvalFor, approvalIn, placeOfChange, toFact } from '@evenkeel/governance';
import type { GovernedChange, Proposal } from '@evenkeel/governance';
import {
  EvenkeelError,
  InvalidInputError,
  canonicalJson,
  formatInstant,
  parseInstant,
  toHex,
} from '@evenkeel/kernel';
import type { AuditedCommit } from '@evenkeel/verification';
import type { ProposalRecord } from './boot-governance';
import { judgedAgain } from './judged-again';

/** An epoch in the ledger's tree. */
export interface EpochInTree {
  readonly epoch: string;
  readonly firstIndex: number;
  readonly commits: number;
}

/** A tree head with the note that was signed over it. */
export interface SignedHead {
  readonly head: TreeHead;
  readonly note: string;
}

/** The ledger that an epoch is taken out of. */
export interface LedgerToCarry {
  /** In the order of the tree. */
  epochs(): Promise<readonly EpochInTree[]>;
  /** What contradicts it: its own chain and tree, checkpoints, witnesses, decisions. Empty when it is sound. */
  problems(): Promise<readonly string[]>;
  /** The newest head that was signed; `undefined` where none was. */
  signedHead(): Promise<SignedHead | undefined>;
  /** The commits of an epoch up to a sequence. */
  commits(epoch: string, last: number): AsyncIterable<AuditedCommit>;
}

/** The server of the journals. */
export interface JournalsToCarry {
  /** The newest sequence of an epoch's journal; `undefined` where the server does not have it. */
  lastSeq(epoch: string): Promise<number | undefined>;
  /** Services that speak now. */
  speaking(): Promise<readonly string[]>;
}

export interface CarryRequest {
  /** The newest epoch of the ledger unless told. */
  readonly epoch?: string;
  /** What the journal holds after this sequence, which the ledger never got, is left behind knowingly. */
  readonly dropAfter?: number;
  /** Wall clock, ISO 8601, when it was begun. */
  readonly now: string;
}

/** What would be carried, before anybody agrees to it. */
export interface CarryPlan {
  readonly fromEpoch: string;
  readonly lastSequence: number;
  readonly lastHash: string;
  readonly signed: SignedHead;
  /** Event time of the first facts. */
  readonly at: string;
  readonly desk: CarriedDesk;
  readonly fold: DeskFold;
}

const NAMED_MAX = 5;

function refused(code: string, message: string): EvenkeelError {
  return new EvenkeelError({ code, message });
}

/**
 * Works out from the ledger alone what another epoch takes over. Throws `EPOCH.LEDGER_UNSOUND`, `EPOCH.HEAD_UNSIGNED`,
 * `EPOCH.JOURNAL_AHEAD`, `EPOCH.IN_USE`.
 */
export async function planCarry(
  ledger: LedgerToCarry,
  journals: JournalsToCarry,
  request: CarryRequest,
): Promise<CarryPlan> {
  const place = placeOf(await ledger.epochs(), request.epoch);
  const { epoch: fromEpoch, commits: lastSequence, firstIndex } = place;
  const speaking = await journals.speaking();
  if (speaking.length > 0)
    throw refused('EPOCH.IN_USE', `${speaking.join(', ')} still work on an epoch: stop the services first`);
  await requireWhole(journals, place, request.dropAfter);
  const problems = await ledger.problems();
  if (problems.length > 0)
    throw refused(
      'EPOCH.LEDGER_UNSOUND',
      `the ledger is not what was signed, so nothing is taken out of it: ${problems.slice(0, NAMED_MAX).join('; ')}`,
    );
  const signed = await ledger.signedHead();
  const end = firstIndex + lastSequence;
  if (signed === undefined || signed.head.size < end)
    throw refused(
      'EPOCH.HEAD_UNSIGNED',
      `${signed?.head.size ?? 0} commits are signed and the epoch ends at ${end}: sign the rest with the ledger’s key first`,
    );
  const fold = new DeskFold();
  let lastHash = '';
  for await (const { commit, hash } of ledger.commits(fromEpoch, lastSequence)) {
    fold.take(commit);
    lastHash = toHex(hash);
  }
  const at = formatInstant(fold.eventTime);
  const desk = fold.carried({ fromEpoch, at, lineage: lineageOf(fromEpoch, request.now) });
  return { fromEpoch, lastSequence, lastHash, signed, at, desk, fold };
}

function placeOf(epochs: readonly EpochInTree[], wanted: string | undefined): EpochInTree {
  const found = wanted === undefined ? epochs.at(-1) : epochs.find(({ epoch }) => epoch === wanted);
  if (found !== undefined) return found;
  const message = wanted === undefined ? 'the ledger holds no epoch' : `the ledger holds no epoch ${wanted}`;
  throw new InvalidInputError('the command', [{ path: '--epoch', message }]);
}

/** Whatever the journal holds beyond the ledger is lost by this, so somebody has to say so by its number. */
async function requireWhole(
  journals: JournalsToCarry,
  { epoch, commits }: EpochInTree,
  dropAfter: number | undefined,
): Promise<void> {
  const lastSeq = await journals.lastSeq(epoch);
  if (lastSeq === undefined || lastSeq <= commits || dropAfter === commits) return;
  const rest = lastSeq - commits;
  throw refused(
    'EPOCH.JOURNAL_AHEAD',
    `the journal of epoch ${epoch} holds ${rest} commits that the ledger does not: let the ledger take them over, or, where they cannot be read, leave them behind with --drop-after ${commits}`,
  );
}

/** What two people agree to: this end of this epoch, and no other. */
export function carryContent({ fromEpoch, lastSequence, lastHash }: CarriedEnd): GovernedChange {
  const content = canonicalJson({ carry: { epoch: fromEpoch, lastHash, lastSequence } });
  return { kind: 'epoch', scope: `epoch:${fromEpoch}`, content };
}

export type CarriedEnd = Pick<CarryPlan, 'fromEpoch' | 'lastSequence' | 'lastHash'>;

export interface CarryOrder {
  readonly by: string;
  readonly reason: string;
  /** Wall clock, ISO 8601. */
  readonly now: string;
  readonly code: string;
  /** Files in which it was proposed and approved. */
  readonly approvals: readonly ProposalRecord[];
  /** Whether the installation wants a second person for everything; the epoch's own record may want one too. */
  readonly required: boolean;
}

/**
 * The first facts of the new epoch: what it takes over from where, who agreed, and what is taken over. Throws
 * `GOVERNANCE.NOT_APPROVED` where a second person is required and did not agree to exactly this.
 */
export function carriedFacts(plan: CarryPlan, newEpoch: string, order: CarryOrder): CommitDraft[] {
  const { desk, signed, at, fold } = plan;
  const proposal = approvedIn(plan, order);
  const level = fold.governance.required;
  if (proposal === undefined && (order.required || (level !== undefined && level !== 'nothing')))
    throw new EvenkeelError({
      code: 'GOVERNANCE.NOT_APPROVED',
      message: `taking over epoch ${plan.fromEpoch} up to ${plan.lastSequence} is not approved by a second person: \`keel propose epoch\`, then \`keel approve\`, then --approval with the file`,
    });
  const actor = { kind: 'human', id: order.by } as const;
  const payload: EpochCarried = {
    at: order.now,
    fromEpoch: plan.fromEpoch,
    lastSequence: String(plan.lastSequence),
    lastHash: plan.lastHash,
    treeSize: String(signed.head.size),
    rootHash: toHex(signed.head.root),
    checkpoint: signed.note,
    carriedBy: order.by,
    reason: order.reason,
    ...(proposal === undefined ? {} : { approval: approvalIn(proposal.proposal) }),
    code: order.code,
    facts: desk.drafts.length,
    factsHash: desk.hash,
    givenUp: desk.givenUp,
  };
  const aggregate = { context: 'governance', type: 'epoch', id: newEpoch } as const;
  return [
    { aggregate, book: FIRM, eventTime: at, actor, events: [{ type: 'EpochCarried', payload }] },
    ...desk.drafts,
    ...(proposal === undefined
      ? []
      : [
          {
            ...placeOfChange('epoch', `epoch:${plan.fromEpoch}`),
            eventTime: at,
            actor,
            events: proposal.events,
          },
        ]),
  ];
}

interface AgreedCarry {
  readonly proposal: Proposal;
  readonly events: CommitDraft['events'];
}

/** Judged by the roster that the old epoch ended with, so nobody enrols himself for it. */
function approvedIn(plan: CarryPlan, { approvals, now }: CarryOrder): AgreedCarry | undefined {
  const { kind, scope, content } = carryContent(plan);
  const people = [...plan.fold.governance.state.identities.values()];
  if (people.length === 0) return undefined;
  for (const file of approvals) {
    const found = approvalFor(judgedAgain(people, file.events()), kind, scope, content);
    if (!found.ok || parseInstant(found.value.proposed.expiresAt) <= parseInstant(now)) continue;
    const { proposalId } = found.value.proposed;
    const own = file.events().filter((event) => 'proposalId' in event && event.proposalId === proposalId);
    return { proposal: found.value, events: own.map(toFact) };
  }
  return undefined;
}
