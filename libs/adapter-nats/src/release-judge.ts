import type { Engagement, Release } from '@evenkeel/execution';
import { releaseOf } from '@evenkeel/governance';
import { NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { GovernanceReader } from './governance-reader';
import type { WrittenLatch, WrittenRelease } from './latch-values';

/** What a written latch comes to once its releases are judged. */
export interface JudgedLatch {
  readonly scope: string;
  /** In force: what is written so, and what was said to be released and is not. */
  readonly engagements: readonly Engagement[];
  readonly releases: readonly Release[];
  /** Releases that do not count, and why. */
  readonly refused: readonly { readonly release: WrittenRelease; readonly why: string }[];
}

/**
 * Judges releases by the governance of one journal: two people agreed on exactly these engagements, and the desk put on record
 * in time that it used their approval for them. So a release is good once and for ever, and an approval for nothing else.
 */
export class ReleaseJudge {
  constructor(
    private readonly governance: Pick<GovernanceReader, 'approvalOf'>,
    /** True where a release counts only with the approval of a second person. */
    private readonly required: boolean,
  ) {}

  /** Throws when the journal cannot be read: the caller fails closed. */
  async judge(latch: WrittenLatch): Promise<JudgedLatch> {
    const releases: Release[] = [];
    const refused: { release: WrittenRelease; why: string }[] = [];
    const unreleased: Engagement[] = [];
    for (const release of latch.releases) {
      const { engagements, by, reason, at } = release;
      const found = await this.approvalOf(latch.scope, release);
      if (typeof found !== 'string') releases.push({ engagements, by, reason, at, ...found });
      else {
        refused.push({ release, why: found });
        for (const engagement of engagements)
          unreleased.push({ engagement, by, reason: `released without approval: ${reason}`, at });
      }
    }
    const ended = new Set(releases.flatMap(({ engagements }) => engagements));
    const inForce = [...unreleased.filter(({ engagement }) => !ended.has(engagement)), ...latch.engagements];
    return { scope: latch.scope, engagements: inForce, releases, refused };
  }

  private async approvalOf(
    scope: string,
    { engagements, proposalId }: WrittenRelease,
  ): Promise<Pick<Release, 'approval'> | string> {
    if (proposalId === undefined) return this.required ? 'NOT_APPROVED' : {};
    const now = BigInt(Date.now()) * NANOS_PER_MILLISECOND;
    const found = await this.governance.approvalOf(releaseOf(scope, engagements), proposalId, now);
    if (typeof found === 'string') return found;
    // Whether it was used in time is on the journal, or it was not.
    return found.usedUp ? { approval: found.approval } : 'NOT_USED';
  }
}
