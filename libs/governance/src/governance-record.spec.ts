import type { DomainEvent } from '@evenkeel/facts';
import { parseInstant, required } from '@evenkeel/kernel';
import { releaseOf } from './controls';
import { GovernanceRecord } from './governance-record';
import type { CommitOfPeople } from './governance-record';
import { DESK, enrolmentOf, opening, saidOnTime, statementsOf, usedAt, written } from './people.test-support';
import type { Change, Statements } from './people.test-support';
import { headOf, rosterHash } from './roster';

/** Whatever it says, it is an account that is taken over. */
const ACCOUNT_CARRIED = { type: 'AccountCarried', payload: {} } as unknown as DomainEvent; // governance looks at the type alone
const OPENED = '2026-07-01T08:00:00Z';
const WANTED = releaseOf('book:btc', ['e-1']);
const RELEASE: Change = { ...WANTED, proposedAt: '2026-07-01T10:00:00Z', approvedAt: '2026-07-01T10:10:00Z' };
const NOW = '2026-07-01T10:20:00Z';
const LATE = '2026-07-01T12:00:00Z';

/** What a release asked for at `now` meets after these commits. */
function asked(commits: readonly CommitOfPeople[], said: Statements, now = NOW, change = WANTED): string {
  const record = new GovernanceRecord();
  for (const commit of commits) record.take(commit);
  const found = record.approvalFor(change, said.proposed.proposalId, parseInstant(now));
  return typeof found === 'string' ? found : `${found.approval.proposedBy}+${found.approval.approvedBy}`;
}

const on = (said: Statements, ...more: readonly CommitOfPeople[]): readonly CommitOfPeople[] => [
  opening(OPENED),
  ...more,
  ...saidOnTime(said),
];

/** As said, but written by a desk whose clock, or whose honesty, is another. */
const writtenAt = ({ proposed, approved }: Statements, at: string): readonly CommitOfPeople[] => [
  written(proposed.at, { type: 'ChangeProposed', payload: proposed }),
  written(at, { type: 'ChangeApproved', payload: approved }),
];

/** Two administrators let `identity` go. */
function removal(identity: string, from = DESK, at = '2026-07-01T09:00:00Z'): Statements {
  const credentials = from.find((one) => one.identity === identity)?.credentials ?? [];
  const content = JSON.stringify([{ credentials, identity, roles: [] }]);
  const people = { by: 'ada', approver: 'ben', proposedAt: at, approvedAt: at } as const;
  return statementsOf({ kind: 'roles', scope: 'identities', content, ...people });
}

describe('an approval on the journal', () => {
  const good = statementsOf(RELEASE);

  it('counts when two enrolled people signed exactly this and it is time', () => {
    expect(asked(on(good), good)).toBe('tess+rita');
  });

  it('counts for the very use that the desk put on record in time, also when that is looked at later', () => {
    expect(asked([...on(good), usedAt(NOW, good)], good, LATE)).toBe('tess+rita');
  });

  const other = statementsOf({ ...RELEASE, content: releaseOf('book:eth', ['e-1']).content });
  const alone = statementsOf({ ...RELEASE, approver: 'tess' });
  const forged = statementsOf({ ...RELEASE, signer: 'tess' });
  const unsigned: Statements = {
    ...good,
    approved: { ...good.approved, evidence: { method: 'note', note: '' } },
  };
  const unsignedProposal: Statements = {
    ...good,
    proposed: { ...good.proposed, evidence: { method: 'note', note: '' } },
  };
  const stranger = statementsOf({ ...RELEASE, approver: 'zoe' });
  const trader = statementsOf({ ...RELEASE, approver: 'tom' });
  const longAfter = statementsOf({ ...RELEASE, approvedAt: '2026-07-02T10:00:00Z' });
  const long = statementsOf({ ...RELEASE, expiresAt: '2026-07-20T10:00:00Z' });
  const used = written(NOW, {
    type: 'ChangeApplied',
    payload: { proposalId: good.proposed.proposalId, commitId: 'something else', at: NOW },
  });

  it.each<[string, string, readonly CommitOfPeople[], Statements, string?]>([
    ['was used for something else', 'REUSED', [...on(good), used], good],
    ['was never used, and its time is over', 'EXPIRED', on(good), good, LATE],
    ['was used after its time', 'EXPIRED', [...on(good), usedAt(LATE, good)], good, LATE],
    ['was given after the proposal’s time', 'EXPIRED', on(longAfter), longAfter],
    ['is dated back', 'TIME_DIFFERS', [opening(OPENED), ...writtenAt(good, LATE)], good],
    ['is dated ahead', 'TIME_DIFFERS', [opening(OPENED), ...writtenAt(good, '2026-07-01T10:04:00Z')], good],
    ['lasts longer than a week', 'MALFORMED', on(long), long],
    ['is not signed', 'UNSIGNED', on(unsigned), unsigned],
    ['is of a proposal that is not signed', 'UNSIGNED', on(unsignedProposal), unsignedProposal],
    ['is signed by another', 'UNSIGNED', on(forged), forged],
    ['is of nobody enrolled', 'NOT_ENROLLED', on(stranger), stranger],
    ['is of somebody removed before', 'NOT_ENROLLED', on(good, ...saidOnTime(removal('rita'))), good],
    [
      'is of a proposal by somebody removed before',
      'NOT_ENROLLED',
      on(good, ...saidOnTime(removal('tess'))),
      good,
    ],
    ['is one’s own', 'SAME_PERSON', on(alone), alone],
    ['is of other content', 'OTHER_CONTENT', on(other), other],
    ['is for another scope', 'OTHER_CHANGE', on(good), good],
    ['does not exist', 'NOT_PROPOSED', [opening(OPENED)], good],
    ['is awaited', 'NOT_APPROVED', on(good).slice(0, 2), good],
    ['is of an epoch where nobody is enrolled', 'NOT_ENROLLED', saidOnTime(good), good],
  ])('that %s does not count (%s)', (why, problem, commits, said, ...now) => {
    const change = why === 'is for another scope' ? releaseOf('firm', ['e-1']) : WANTED;
    expect(asked(commits, said, now[0], change)).toBe(problem);
  });

  it('does not count from a role that may not agree, nor under a second name with the same key', () => {
    const people = [...DESK, enrolmentOf('tom', 'trader')];
    expect(asked([opening(OPENED, people), ...saidOnTime(trader)], trader)).toBe('NOT_PERMITTED');
    const [key] = DESK.filter(({ identity }) => identity === 'tess');
    const twin = { identity: 'tessa', roles: ['risk-officer'] as const, credentials: key?.credentials ?? [] };
    const own = statementsOf({ ...RELEASE, approver: 'tessa', signer: 'tess' });
    expect(asked([opening(OPENED, [...DESK, twin]), ...saidOnTime(own)], own)).toBe('SAME_PERSON');
  });

  it('does not count twice for what takes effect', () => {
    const asking = { ...RELEASE, kind: 'override' as const, scope: 'btc' };
    const said = statementsOf({ ...asking, content: '{"instrument":"X","kind":"throttle-reset"}' });
    const { proposalId, contentHash, proposedBy } = said.proposed;
    const approval = { proposalId, contentHash, proposedBy, approvedBy: 'rita' };
    const reset = (instrument = 'X'): CommitOfPeople =>
      written(NOW, {
        type: 'ThrottleReset',
        payload: { book: 'btc', instrument, by: 'tess', reason: 'r', at: NOW, approval },
      });
    const record = new GovernanceRecord();
    for (const commit of on(said)) expect(record.take(commit)).toEqual([]);
    expect(record.take(reset('Y'))).toMatchObject([{ problem: 'OTHER_CONTENT' }]);
    expect(record.take(reset())).toEqual([]);
    expect(record.take(reset())).toMatchObject([{ problem: 'REUSED', proposalId }]);
  });

  it.each([
    ['2026-07-01T11:20:00Z', []],
    ['2027-07-01T11:20:00Z', [{ problem: 'OTHER_CONTENT' }]],
    ['2026-07-01T11:19:59Z', [{ problem: 'OTHER_CONTENT' }]],
  ])('counts for an override of exactly the length that was signed: until %s', (expiresAt, faults) => {
    const content = '{"control":"max-order","duration":"PT1H","kind":"override-grant"}';
    const said = statementsOf({ ...RELEASE, kind: 'override', scope: 'btc', content });
    const { proposalId, contentHash, proposedBy } = said.proposed;
    const approval = { proposalId, contentHash, proposedBy, approvedBy: 'rita' };
    const common = { overrideId: 'o', book: 'btc', instrument: '', upTo: '', by: 'tess', reason: 'r' };
    const record = new GovernanceRecord();
    for (const commit of on(said)) record.take(commit);
    const payload = { ...common, control: 'max-order', at: NOW, expiresAt, approval };
    expect(record.take(written(NOW, { type: 'ControlOverridden', payload }))).toMatchObject(faults);
  });

  it('is not needed for what an epoch takes over, which its first facts say and nothing after them does', () => {
    const carried = (stream: string): CommitOfPeople => ({
      ...written(NOW, {
        type: 'VenueResumed',
        payload: { book: 'btc', venue: 'x', by: 'tess', reason: 'r', acceptsDifferences: true, at: NOW },
      }),
      causation: { stream },
    });
    const takenOver = (commit: CommitOfPeople): CommitOfPeople => ({
      ...commit,
      events: [...commit.events, { event: ACCOUNT_CARRIED }],
    });
    const record = new GovernanceRecord();
    const payload = { at: OPENED, enrolments: DESK, required: 'loosening' } as const;
    record.take(written(OPENED, { type: 'GovernanceOpened', payload }));
    expect(record.take(takenOver(carried('boot')))).toEqual([]);
    expect(record.take(carried('host'))).toHaveLength(1);
    expect(record.take(takenOver(carried('boot')))).toHaveLength(1);
  });
});

const headOfRecord = ({ roster }: GovernanceRecord): string => headOf(required(roster, 'a roster'));

describe('the roster', () => {
  const GENESIS = rosterHash(DESK);
  const gone = removal('rita');
  const after = (...commits: readonly CommitOfPeople[]): GovernanceRecord => {
    const record = new GovernanceRecord({ rosterHash: GENESIS });
    for (const commit of commits) record.take(commit);
    return record;
  };

  it('is the same whatever the order of its people', () => {
    expect(rosterHash([...DESK].reverse())).toBe(GENESIS);
  });

  it('descends from the one that is pinned, or counts for nothing', () => {
    const forged = [...DESK, enrolmentOf('eve', 'risk-officer')];
    const record = new GovernanceRecord({ rosterHash: GENESIS });
    expect(record.take(opening(OPENED, forged))).toMatchObject([{ problem: 'ROSTER_CONTRADICTED' }]);
    expect(record.roster).toBeUndefined();
  });

  it('is told once in an epoch', () => {
    const record = after(opening(OPENED));
    expect(record.take(opening(NOW, [...DESK, enrolmentOf('eve', 'risk-officer')]))).toMatchObject([
      { problem: 'ROSTER_CONTRADICTED' },
    ]);
    expect([...record.state.identities.keys()]).not.toContain('eve');
  });

  it('is carried into the next epoch with the changes people made, and who was removed stays removed', () => {
    const old = after(opening(OPENED), ...saidOnTime(gone));
    const carried = old.carried(NOW, 'loosening');
    const next = after(written(NOW, { type: 'GovernanceOpened', payload: carried }));
    expect(next.state.identities.get('rita')?.roles).toEqual([]);
    expect(headOfRecord(next)).toBe(headOfRecord(old));
    const said = statementsOf(RELEASE);
    const commits = [written(NOW, { type: 'GovernanceOpened', payload: carried }), ...saidOnTime(said)];
    expect(asked(commits, said)).toBe('NOT_ENROLLED');
  });

  it('is not carried with a change that nobody signed, nor from a roster with a removal left out', () => {
    const old = after(opening(OPENED), ...saidOnTime(gone));
    const carried = old.carried(NOW, 'loosening');
    const changes = carried.history?.changes ?? [];
    const forged = changes.map((one) => ({ ...one, approved: { ...one.approved, approvedBy: 'ada' } }));
    const told = (payload: object): CommitOfPeople =>
      written(NOW, { type: 'GovernanceOpened', payload: { ...carried, ...payload } });
    expect(new GovernanceRecord().take(told({ history: { changes: forged } }))).toMatchObject([
      { problem: 'ROSTER_CONTRADICTED' },
    ]);
    // Whoever pins the newest roster is not shown an older one.
    const pinned = new GovernanceRecord({
      rosterHash: headOfRecord(old),
    });
    expect(pinned.take(told({ history: undefined }))).toMatchObject([{ problem: 'ROSTER_CONTRADICTED' }]);
  });
});
