import type { GovernanceReader } from '@evenkeel/adapter-nats';
import { pinnedRoster } from '@evenkeel/config';
import type { HostEnvironment } from '@evenkeel/config';
import { EvenkeelError } from '@evenkeel/kernel';

/** Where approvals are looked up, and whether what loosens needs one. */
export interface Approvals extends Pick<GovernanceReader, 'approvalOf'> {
  readonly required: boolean;
}

/**
 * Orders leave for a real venue only from an epoch in which everything needs a second person, and only by a roster that is
 * pinned. Throws `GOVERNANCE.NOT_REQUIRED`, `GOVERNANCE.ROSTER_NOT_PINNED`.
 */
export async function requireGoverned(
  governance: Pick<GovernanceReader, 'current'>,
  environment: Pick<HostEnvironment, 'EK_ROSTER_HASH' | 'EK_ROSTER_HASH_FILE'>,
  venues: readonly string[],
): Promise<void> {
  const leave = `orders would leave for ${venues.join(', ')}`;
  if (pinnedRoster(environment) === undefined)
    throw new EvenkeelError({
      code: 'GOVERNANCE.ROSTER_NOT_PINNED',
      message: `${leave}, and nothing says by which roster approvals are judged: set EK_ROSTER_HASH (\`keel identity list\` prints it)`,
    });
  const { required, roster } = await governance.current();
  if (roster === undefined || required !== 'everything')
    throw new EvenkeelError({
      code: 'GOVERNANCE.NOT_REQUIRED',
      message: `${leave}, and the epoch was opened without a second person for everything: open one with EK_GOVERNANCE=required`,
    });
}
