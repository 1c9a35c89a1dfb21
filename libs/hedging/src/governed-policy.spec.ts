import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { createProgram, only } from '../test/scenario';

const NARROW = { kind: 'delta-band', band: '0.05' };
const WIDE = canonicalJson({ policy: { kind: 'delta-band', band: '0.5' }, targetDelta: '0' });
const hashOf = (text: string): string => toHex(sha256(utf8(text)));
const at = (minute: number): string => `2026-01-01T10:${String(minute).padStart(2, '0')}:00Z`;
const evidence = { method: 'note', note: 'n' };

function proposed(over: Partial<EventPayloads['ChangeProposed']> = {}): DomainEvent {
  const payload = {
    proposalId: 'p-1',
    kind: 'policy' as const,
    scope: 'b',
    content: WIDE,
    contentHash: hashOf(WIDE),
    baseHash: '',
    reason: 'calmer market',
    proposedBy: 'tess',
    at: at(1),
    expiresAt: at(30),
    evidence,
  };
  return { type: 'ChangeProposed', payload: { ...payload, ...over } };
}

function approved(over: Partial<EventPayloads['ChangeApproved']> = {}): DomainEvent {
  const payload = {
    proposalId: 'p-1',
    kind: 'policy' as const,
    scope: 'b',
    contentHash: hashOf(WIDE),
    approvedBy: 'rita',
    at: at(2),
    evidence,
  };
  return { type: 'ChangeApproved', payload: { ...payload, ...over } };
}

describe('a policy that two people agreed on', () => {
  it('takes over while the program runs, and says who they were', () => {
    const program = createProgram(NARROW);
    expect(only(program.snapshot(at(0), [{ delta: 0.2 }]), 'HedgeDecided').policyHash).toBe('h');
    expect(program.order(at(1), proposed(), 'governance')).toEqual([]);
    program.reload();
    const set = only(program.order(at(2), approved(), 'governance'), 'PolicySet');
    expect(set).toMatchObject({
      policy: canonicalJson({ kind: 'delta-band', band: '0.5' } as Json),
      approval: { proposalId: 'p-1', contentHash: hashOf(WIDE), proposedBy: 'tess', approvedBy: 'rita' },
    });
    const wide = program.snapshot(at(3), [{ delta: 2 }]);
    expect(only(wide, 'HedgeDecided').policyHash).toBe(set.policyHash);
    expect(program.order(at(4), approved(), 'governance')).toEqual([]);
  });

  it.each([
    ['by the person who proposed it', proposed(), approved({ approvedBy: 'tess' })],
    ['of other content than was proposed', proposed(), approved({ contentHash: hashOf('{}') })],
    ['of content that is not what its hash says', proposed({ content: '{}' }), approved()],
    ['after it expired', proposed(), approved({ at: at(30) })],
    ['of nothing that was proposed', proposed({ proposalId: 'p-2' }), approved()],
    ['of another book', proposed({ scope: 'c' }), approved({ scope: 'c' })],
    [
      'of a policy this build does not know',
      proposed({ content: '{"policy":{"kind":"hope"}}', contentHash: hashOf('{"policy":{"kind":"hope"}}') }),
      approved({ contentHash: hashOf('{"policy":{"kind":"hope"}}') }),
    ],
  ])('is not put in force by an approval %s', (_, proposal, approval) => {
    const program = createProgram(NARROW);
    program.order(at(1), proposal, 'governance');
    expect(program.order(at(2), approval, 'governance')).toEqual([]);
  });

  it('is not put in force where the record holds something against the approval', () => {
    const program = createProgram(NARROW);
    program.order(at(1), proposed(), 'governance');
    expect(program.order(at(2), approved(), 'governance', { 'p-1': 'UNSIGNED' })).toEqual([]);
    expect(program.order(at(3), approved(), 'governance', { 'p-2': 'UNSIGNED' })).toHaveLength(1);
  });

  it('is not put in force once it was rejected', () => {
    const program = createProgram(NARROW);
    program.order(at(1), proposed(), 'governance');
    const closed = { proposalId: 'p-1', by: 'rita', reason: 'no', at: at(1) };
    program.order(at(1), { type: 'ChangeRejected', payload: closed }, 'governance');
    expect(program.order(at(2), approved(), 'governance')).toEqual([]);
  });
});
