import type { Approval } from '@evenkeel/facts';
import {
  approvalIn,
  contentHashOf,
  controlContent,
  engagementsIn,
  loosens,
  quarantineOf,
  releaseContent,
  useIdOf,
} from '@evenkeel/governance';
import type { ChangeKind, QuarantinedPlace, RequiredOf, WantedControl } from '@evenkeel/governance';
import { EvenkeelError } from '@evenkeel/kernel';
import { proposalIn, recordApplied } from './proposals';
import type { GovernanceStore } from './proposals';

/** How approvals are looked up. */
export interface ApprovalDesk {
  /** What is refused without a second person. */
  readonly required: () => Promise<RequiredOf>;
  /** Works on the governance of the running epoch. */
  readonly withStore: <T>(work: (store: GovernanceStore) => Promise<T>) => Promise<T>;
  /** Wall clock, ISO 8601. */
  readonly now: () => string;
}

/** What may be released, and by whose agreement. */
export interface ApprovedRelease {
  readonly engagements: readonly string[];
  /** The whole id of the proposal, used up by now; absent where none was given and none is required. */
  readonly proposalId?: string;
}

/**
 * Uses up the approval of a release. It is good for the engagements that it names and for no other: one that was engaged
 * after it was proposed stays. `inForce`: what stops the scope now. Throws `GOVERNANCE.NOT_APPROVED`.
 */
export async function useApprovedRelease(
  desk: ApprovalDesk,
  scope: string,
  inForce: readonly string[],
  proposal: string | undefined,
): Promise<ApprovedRelease> {
  const hint = `keel propose release ${scope}`;
  if (proposal === undefined && (await desk.required()) === 'nothing') return { engagements: inForce };
  if (proposal === undefined)
    throw notApproved('kill-release', scope, hint, `keel release ${scope} --reason "…"`);
  return desk.withStore(async (store) => {
    const found = proposalIn(await store.load(), proposal);
    const { proposed, status } = found;
    const isRelease = proposed.kind === 'kill-release' && proposed.scope === scope;
    const named = isRelease ? (engagementsIn(proposed.content) ?? []) : [];
    const engagements = named.filter((one) => inForce.includes(one));
    // One that was used up may go on where it was broken off: what it names is still in force.
    const usable = status === 'approved' || status === 'applied';
    if (!usable || engagements.length === 0 || proposed.content !== releaseContent(scope, named))
      throw new EvenkeelError({
        code: 'GOVERNANCE.NOT_APPROVED',
        message: `proposal ${proposed.proposalId} is ${status} and about ${proposed.kind} of ${proposed.scope}: ${proposed.content}; in force is ${inForce.join(', ')}: \`${hint}\``,
      });
    const { proposalId } = proposed;
    if (status === 'approved') await recordApplied(store, found, useIdOf(proposed), desk.now());
    return { engagements: named, proposalId };
  });
}

function notApproved(
  kind: ChangeKind,
  scope: string,
  hint: string,
  again = 'the same command',
): EvenkeelError {
  return new EvenkeelError({
    code: 'GOVERNANCE.NOT_APPROVED',
    message: [
      `a second person must agree to this ${kind} of ${scope}. Type:`,
      `  ${hint} --as <you> --reason "…"`,
      '  keel approve <the proposal it prints> --as <a risk officer who is somebody else>',
      `  ${again} --proposal <that proposal>`,
      'Who can be one is enrolled with `keel identity create`. EK_GOVERNANCE=optional does without, on simulated venues, in an epoch that was opened with it: set when `keel run` or `keel epoch open` starts, and for the commands too; a command alone cannot do without',
    ].join('\n'),
  });
}

/**
 * Uses up the approval of an override, a throttle reset, a resumed venue or a lifted restriction of a book: the whole id of the
 * proposal, once it is on record that it was applied. `undefined` where none is given and none is required.
 */
export async function useApprovedControl(
  desk: ApprovalDesk,
  book: string,
  wanted: WantedControl,
  proposal: string | undefined,
): Promise<string | undefined> {
  if (!loosens(wanted)) return undefined;
  const content = controlContent(wanted);
  const hint = `echo '${content}' > change.json; keel propose override change.json --book ${book}`;
  return (await useApproval(desk, 'override', book, content, proposal, hint))?.proposalId;
}

/** As above, for a book that is opened while services run: who is behind it. `content`: `bookContent` of it. */
export function useApprovedBook(
  desk: ApprovalDesk,
  book: string,
  content: string,
  proposal: string | undefined,
): Promise<Approval | undefined> {
  return useApproval(desk, 'book', book, content, proposal, 'keel propose book FILE');
}

/** As above, for a message of the journal that is to count for nothing. */
export function useApprovedQuarantine(
  desk: ApprovalDesk,
  message: QuarantinedPlace,
  proposal: string | undefined,
): Promise<Approval | undefined> {
  const { kind, scope, content } = quarantineOf(message);
  return useApproval(desk, kind, scope, content, proposal, `keel propose quarantine ${message.sequence}`);
}

async function useApproval(
  desk: ApprovalDesk,
  kind: ChangeKind,
  scope: string,
  content: string,
  proposal: string | undefined,
  hint: string,
): Promise<Approval | undefined> {
  if (proposal === undefined) {
    const required = await desk.required();
    const needed = kind === 'book' ? required === 'everything' : required !== 'nothing';
    if (!needed) return undefined;
    throw notApproved(kind, scope, hint);
  }
  return desk.withStore(async (store) => {
    const found = proposalIn(await store.load(), proposal);
    const { proposed, status } = found;
    const covers =
      proposed.kind === kind && proposed.scope === scope && proposed.contentHash === contentHashOf(content);
    if (!covers || status !== 'approved') {
      throw new EvenkeelError({
        code: 'GOVERNANCE.NOT_APPROVED',
        message: `proposal ${proposed.proposalId} is ${status} and about ${proposed.kind} of ${proposed.scope}: ${proposed.content}; asked for is ${content}`,
      });
    }
    const approval = approvalIn(found);
    await recordApplied(store, found, useIdOf(proposed), desk.now());
    return approval;
  });
}
