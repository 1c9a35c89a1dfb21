import type { GovernanceReader } from '@evenkeel/adapter-nats';

/** Where approvals are looked up, and whether what loosens needs one. */
export interface Approvals extends Pick<GovernanceReader, 'approvalOf'> {
  readonly required: boolean;
}
