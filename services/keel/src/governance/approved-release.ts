import { EvenkeelError, uuidV5 } from '@evenkeel/kernel';
import type { Home } from '../stack/home';
import { governanceRequired } from './boot-governance';
import { proposalIn, recordApplied } from './governance-desk';
import { withJournal } from './nats-desk';

/**
 * Uses up the approval of a release: the whole id of the proposal, once it is on record that it was applied. `undefined`
 * where none is given and none is required. Throws `GOVERNANCE.NOT_APPROVED`.
 */
export async function useApprovedRelease(
  home: Home,
  scope: string,
  proposal: string | undefined,
): Promise<string | undefined> {
  if (proposal === undefined && !governanceRequired()) return undefined;
  if (proposal === undefined) {
    throw new EvenkeelError({
      code: 'GOVERNANCE.NOT_APPROVED',
      message: `a second person must agree to the release of ${scope}: \`keel propose release ${scope}\`, then \`keel approve\`, then --proposal`,
    });
  }
  return withJournal(home, async (store) => {
    const found = proposalIn(await store.load(), proposal);
    const { proposalId, kind, scope: covered } = found.proposed;
    if (kind !== 'kill-release' || covered !== scope || found.status !== 'approved') {
      throw new EvenkeelError({
        code: 'GOVERNANCE.NOT_APPROVED',
        message: `proposal ${proposalId} is ${found.status} and about ${kind} of ${covered}, not an approved release of ${scope}`,
      });
    }
    const at = new Date().toISOString();
    await recordApplied(store, found, uuidV5(`release|${scope}|${proposalId}`), at);
    return proposalId;
  });
}
