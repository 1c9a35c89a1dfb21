import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { governanceRecord } from '@evenkeel/engine';
import { headOf, rosterHash, toFact } from '@evenkeel/governance';
import type { GovernanceRecord } from '@evenkeel/governance';
import { canonicalJson, required } from '@evenkeel/kernel';
import {
  DESK,
  enrolmentOf,
  opening,
  saidOnTime,
  statementsOf,
  written,
} from '../../../../libs/governance/src/people.test-support';
import { Roster } from '../governance/roster';
import { openingOf } from './epoch-roster';

const AT = '2026-07-01T09:00:00Z';
const dir = mkdtempSync(join(tmpdir(), 'evenkeel-roster-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let homes = 0;
function rosterWith(people: readonly object[]): Roster {
  const folder = mkdtempSync(join(dir, `home-${(homes += 1)}-`));
  if (people.length > 0) writeFileSync(join(folder, 'roster.json'), canonicalJson(people as never));
  return new Roster(folder);
}

/** An epoch in which two administrators let rita go. */
function withoutRita(): GovernanceRecord {
  const content = canonicalJson([{ identity: 'rita', roles: [], credentials: [] }]);
  const change = { kind: 'roles', scope: 'identities', content, by: 'ada', approver: 'ben' } as const;
  const record = governanceRecord();
  for (const commit of [
    opening(AT),
    ...saidOnTime(statementsOf({ ...change, proposedAt: AT, approvedAt: AT })),
  ])
    expect(record.take(commit)).toEqual([]);
  return record;
}

describe('the roster that an epoch opens with', () => {
  it('is the file where none is on record, as long as it is the one that was pinned', () => {
    const roster = rosterWith(DESK);
    expect(openingOf(undefined, roster, 'loosening')).toMatchObject({
      enrolments: DESK,
      required: 'loosening',
    });
    roster.keepPin(rosterHash(DESK));
    expect(openingOf(undefined, roster, 'loosening')?.enrolments).toHaveLength(DESK.length);
    roster.keepPin('0'.repeat(64));
    expect(() => openingOf(undefined, roster, 'loosening')).toThrow(/pinned/);
    expect(openingOf(undefined, rosterWith([]), 'loosening')).toBeUndefined();
  });

  it('is the last one on record: who was removed stays removed, whatever the file still says', () => {
    const record = withoutRita();
    const last = { epoch: 1, record };
    const opened = required(openingOf(last, rosterWith(DESK), 'everything'), 'an opening');
    const next = governanceRecord(headOf(required(record.roster, 'a roster')));
    expect(next.take(written(AT, toFact(opened)))).toEqual([]);
    expect(next.state.identities.get('rita')?.roles).toEqual([]);
    expect(next.required).toBe('everything');
    // And again from an installation that has no file at all.
    expect(openingOf(last, rosterWith([]), 'everything')?.history?.changes).toHaveLength(1);
  });

  it('is not a file that enrols somebody else, nor one that does not descend from the pin', () => {
    const last = { epoch: 1, record: withoutRita() };
    const eve = rosterWith([...DESK, enrolmentOf('eve', 'risk-officer')]);
    expect(() => openingOf(last, eve, 'loosening')).toThrow(/enrols eve otherwise/);
    const promoted = rosterWith(
      DESK.map((one) => (one.identity === 'tess' ? { ...one, roles: ['risk-officer'] } : one)),
    );
    expect(() => openingOf(last, promoted, 'loosening')).toThrow(/enrols tess otherwise/);
    const roster = rosterWith(DESK);
    roster.keepPin('0'.repeat(64));
    expect(() => openingOf(last, roster, 'loosening')).toThrow(/does not descend/);
  });

  it('is added to by two administrators once it has begun: a new person waits for them', () => {
    const roster = rosterWith(DESK);
    roster.keepPin(rosterHash(DESK));
    roster.add({ identity: 'zoe', roles: ['trader'] });
    expect(roster.all().map(({ identity }) => identity)).not.toContain('zoe');
    expect(roster.waits('zoe')).toMatch(/zoe\.enrolment\.json$/);
  });

  it('keeps no two people’s keys in one folder where orders leave the house', () => {
    const roster = rosterWith([]);
    roster.add({ identity: 'ada', roles: ['administrator'] });
    expect(() => roster.requireApart(['deribit'])).not.toThrow();
    roster.add({ identity: 'ben', roles: ['administrator'] });
    expect(() => roster.requireApart(['deribit'])).toThrow(/ada, ben/);
  });
});
