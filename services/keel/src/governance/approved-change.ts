import { contentHashOf, controlContent, loosens, releaseContent } from '@evenkeel/governance';
import type { ChangeKind, WantedControl } from '@evenkeel/governance';
import { EvenkeelError, uuidV5 } from '@evenkeel/kernel';
import type { Home } from '../stack/home';
import { governanceRequired } from './boot-governance';
import { proposalIn, recordApplied } from './governance-desk';
import { withJournal } from './nats-desk';

/**
 * Uses up the approval of a release: the whole id of the proposal, once it is on record that it was applied. `undefined`
 * where none is given and none is required. Throws `GOVERNANCE.NOT_APPROVED`.
 */
export function useApprovedRelease(
  home: Home,
  scope: string,
  proposal: string | undefined,
): Promise<string | undefined> {
  return useApproval(
    home,
    'kill-release',
    scope,
    releaseContent(scope),
    proposal,
    `keel propose release ${scope}`,
  );
}

/** As above, for an override, a throttle reset, a resumed venue or a lifted restriction of a book. */
export async function useApprovedControl(
  home: Home,
  book: string,
  wanted: WantedControl,
  proposal: string | undefined,
): Promise<string | undefined> {
  if (!loosens(wanted)) return undefined;
  const content = controlContent(wanted);
  const hint = `keel propose override FILE --book ${book}\`, FILE holding \`${content}`;
  return useApproval(home, 'override', book, content, proposal, hint);
}

async function useApproval(
  home: Home,
  kind: ChangeKind,
  scope: string,
  content: string,
  proposal: string | undefined,
  hint: string,
): Promise<string | undefined> {
  if (proposal === undefined && !governanceRequired()) return undefined;
  if (proposal === undefined) {
    throw new EvenkeelError({
      code: 'GOVERNANCE.NOT_APPROVED',
      message: `a second person must agree to this ${kind} of ${scope}: \`${hint}\`, then \`keel approve\`, then --proposal`,
    });
  }
  return withJournal(home, async (store) => {
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
    const { proposalId } = proposed;
    await recordApplied(
      store,
      found,
      uuidV5(`applied|${kind}|${scope}|${proposalId}`),
      new Date().toISOString(),
    );
    return proposalId;
  });
}
