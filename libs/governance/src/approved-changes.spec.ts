import type { DomainEvent, EventOf } from '@evenkeel/facts';
import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { ApprovedChanges, releaseOf } from './approved-changes';

const hashOf = (scope: string): string => toHex(sha256(utf8(canonicalJson({ release: scope }))));
const evidence = { method: 'note', note: 'n' };

function found(journal: readonly DomainEvent[], scope: string, proposalId: string): unknown {
  const changes = new ApprovedChanges();
  for (const event of journal) changes.take(event);
  return changes.covering(releaseOf(scope), proposalId);
}

function facts(
  over: Partial<EventOf<'ChangeProposed'>['payload']> = {},
  approval: Partial<EventOf<'ChangeApproved'>['payload']> = {},
): DomainEvent[] {
  const scope = 'book:b';
  const common = {
    proposalId: 'p-1',
    kind: 'kill-release' as const,
    scope,
    contentHash: hashOf(scope),
    evidence,
  };
  return [
    {
      type: 'ChangeProposed',
      payload: {
        ...common,
        content: canonicalJson({ release: scope }),
        baseHash: '',
        reason: 'r',
        proposedBy: 'tess',
        at: '2026-01-01T00:00:00Z',
        expiresAt: '2026-01-01T01:00:00Z',
        ...over,
      },
    },
    {
      type: 'ChangeApproved',
      payload: { ...common, approvedBy: 'rita', at: '2026-01-01T00:30:00Z', ...approval },
    },
  ];
}

describe('the release of a kill latch under governance', () => {
  it('counts with the approval of a second person, and names both', () => {
    expect(found(facts(), 'book:b', 'p-1')).toEqual({
      approval: { proposalId: 'p-1', contentHash: hashOf('book:b'), proposedBy: 'tess', approvedBy: 'rita' },
      expiresAt: '2026-01-01T01:00:00Z',
    });
  });

  it.each([
    ['for another latch', 'firm', facts()],
    ['of another proposal', 'book:b', facts({ proposalId: 'p-2' })],
    ['by who proposed it', 'book:b', facts({}, { approvedBy: 'tess' })],
    ['after it expired', 'book:b', facts({}, { at: '2026-01-01T01:00:00Z' })],
    ['of other content', 'book:b', facts({ contentHash: hashOf('firm') })],
    ['of a policy', 'book:b', facts({ kind: 'policy' })],
    ['that was only proposed', 'book:b', facts().slice(0, 1)],
  ])('does not count with an approval %s', (_, scope, journal) => {
    expect(found(journal, scope, 'p-1')).toBeUndefined();
  });
});
