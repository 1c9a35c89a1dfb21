import type { Approval } from '@evenkeel/facts';
import {
  approvalIn,
  contentHashOf,
  controlContent,
  loosens,
  releaseContent,
  useIdOf,
} from '@evenkeel/governance';
import type { ChangeKind, WantedControl } from '@evenkeel/governance';
import { EvenkeelError } from '@evenkeel/kernel';
import { proposalIn, recordApplied } from './proposals';
import type { GovernanceStore } from './proposals';

/** How approvals are looked up. */
export interface ApprovalDesk {
  /** Refuse what loosens without a second person. */
  readonly required: boolean;
  /** Works on the governance of the running epoch. */
  readonly withStore: <T>(work: (store: GovernanceStore) => Promise<T>) => Promise<T>;
  /** Wall clock, ISO 8601. */
  readonly now: () => string;
}

/**
 * Uses up the approval of a release: the whole id of the proposal, once it is on record that it was applied. `undefined`
 * where none is given and none is required. Throws `GOVERNANCE.NOT_APPROVED`.
 */
export async function useApprovedRelease(
  desk: ApprovalDesk,
  scope: string,
  proposal: string | undefined,
): Promise<string | undefined> {
  const content = releaseContent(scope);
  const hint = `keel propose release ${scope}`;
  return (await useApproval(desk, 'kill-release', scope, content, proposal, hint))?.proposalId;
}

/** As above, for an override, a throttle reset, a resumed venue or a lifted restriction of a book. */
export async function useApprovedControl(
  desk: ApprovalDesk,
  book: string,
  wanted: WantedControl,
  proposal: string | undefined,
): Promise<string | undefined> {
  if (!loosens(wanted)) return undefined;
  const content = controlContent(wanted);
  const hint = `keel propose override FILE --book ${book}\`, FILE holding \`${content}`;
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

async function useApproval(
  desk: ApprovalDesk,
  kind: ChangeKind,
  scope: string,
  content: string,
  proposal: string | undefined,
  hint: string,
): Promise<Approval | undefined> {
  if (proposal === undefined && !desk.required) return undefined;
  if (proposal === undefined) {
    throw new EvenkeelError({
      code: 'GOVERNANCE.NOT_APPROVED',
      message: `a second person must agree to this ${kind} of ${scope}: \`${hint}\`, then \`keel approve\`, then --proposal`,
    });
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
