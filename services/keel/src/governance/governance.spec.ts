import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamEventLog, PeopleJournal, connectNats, currentEpoch } from '@evenkeel/adapter-nats';
import { createLedgerPool, listDecisions, reconstruct } from '@evenkeel/adapter-postgres';
import type { StoredCommit } from '@evenkeel/eventing';
import { GovernanceJournal, bootGovernance, judge, propose } from '@evenkeel/desk';
import type { GovernanceStore, Sign } from '@evenkeel/desk';
import { wallNanoseconds } from '@evenkeel/host';
import type { ChangeProposed } from '@evenkeel/governance';
import { parseInstant } from '@evenkeel/kernel';
import { BUSY_POLICY, busyDemonstration } from '@evenkeel/testkit';
import { reconstructionText } from '@evenkeel/reconstruction';
import { loadRunInputs } from '../run/inputs';
import { ProgressLine } from '../run/progress-line';
import { ServiceRun } from '../run/service-run';
import { CommitKeyring } from '../identity/commit-keyring';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { evidenceFor } from './evidence';
import { ProposalFile } from './proposal-file';
import { bookFileContent, limitsContent, policyContent, releaseContent } from './proposed-content';
import { Roster } from './roster';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-governance-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Two administrators, a trader and a risk officer, each with a local key. */
function enrol(home: string): Roster {
  const roster = new Roster(join(home, 'governance'));
  roster.add({ identity: 'ada', roles: ['administrator'] });
  roster.add({ identity: 'ben', roles: ['administrator'] });
  roster.add({ identity: 'tess', roles: ['trader'] });
  roster.add({ identity: 'rita', roles: ['risk-officer'] });
  roster.add({ identity: 'ruth', roles: ['risk-officer'] });
  return roster;
}

const signing =
  (roster: Roster): Sign =>
  (statement) =>
    evidenceFor(statement, { roster, now: 0 });
const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const approve = (store: GovernanceStore, roster: Roster, made: ChangeProposed, by: string, time: string) => {
  const { proposalId, contentHash } = made;
  const request = { verb: 'approve', proposalId, contentHash, by, at: time, reason: '' } as const;
  return judge(store, request, signing(roster), parseInstant(time));
};

describe('a book before it is opened', () => {
  const home = join(dir, 'book');
  const roster = enrol(home);
  const { book } = busyDemonstration('governance', 1);
  const path = join(dir, 'book.json');
  writeFileSync(path, JSON.stringify(book));
  const proposed = bookFileContent(path, {});
  const file = join(dir, 'book.approval.json');
  const store = new ProposalFile(file, roster.all());
  const boot = async (over: Partial<Parameters<typeof bootGovernance>[0]> = {}) =>
    bootGovernance({
      opening: roster.opening('everything'),
      approvals: [new ProposalFile(file, roster.all())],
      required: true,
      books: loadRunInputs({ books: [path], seed: 'governance', days: 1 }).books,
      eventTime: '2026-01-05T00:00:00Z',
      now: at(10),
      ...over,
    });

  it('is refused until a second person agreed to exactly it', async () => {
    const request = { ...proposed, reason: 'new book', by: 'tess', at: at(0) };
    const { proposed: made } = await propose(store, request, signing(roster), parseInstant(request.at));
    await expect(boot()).rejects.toMatchObject({ code: 'GOVERNANCE.NOT_APPROVED' });
    await expect(approve(store, roster, made, 'tess', at(1))).rejects.toMatchObject({
      code: 'GOVERNANCE.OWN_PROPOSAL',
    });
    await expect(approve(store, roster, made, 'ada', at(1))).rejects.toMatchObject({
      code: 'GOVERNANCE.NOT_PERMITTED',
    });
    await approve(store, roster, made, 'rita', at(2));
    const { facts } = await boot();
    expect(facts.flatMap(({ events }) => events.map(({ type }) => type))).toEqual([
      'GovernanceOpened',
      'ChangeProposed',
      'ChangeApproved',
      'ChangeApplied',
    ]);
  });

  it('is refused when it was changed afterwards, when the approval has expired, and with no roster', async () => {
    const changed = join(dir, 'changed.json');
    writeFileSync(changed, JSON.stringify({ ...book, hedge: { ...book.hedge, target: { delta: '1' } } }));
    const { books } = loadRunInputs({ books: [changed], seed: 'governance', days: 1 });
    await expect(boot({ books })).rejects.toMatchObject({ code: 'GOVERNANCE.NOT_APPROVED' });
    await expect(boot({ now: at(3 * 86_400) })).rejects.toMatchObject({ code: 'GOVERNANCE.NOT_APPROVED' });
    await expect(boot({ opening: undefined })).rejects.toMatchObject({
      code: 'GOVERNANCE.ENROLMENT_INVALID',
    });
  });

  it('may be opened by one person where no second one is required, and the first fact says so', async () => {
    const { facts, adapt } = await boot({ opening: undefined, required: false, approvals: [] });
    expect(facts).toEqual([]);
    const draft = {
      aggregate: { context: 'strategy', type: 'hedge-program', id: book.book },
      book: book.book,
      eventTime: at(0),
      actor: { kind: 'human', id: 'operator' },
      events: [],
    } as const;
    expect(adapt(draft).actor).toEqual({ kind: 'human', id: 'local' });
  });

  it('is not approved by a file whose signatures are of other keys', async () => {
    const strangers = enrol(join(dir, 'strangers'));
    // Whoever opened the file and with which roster: the roster of the epoch judges it.
    await expect(boot({ opening: strangers.opening() })).rejects.toMatchObject({
      code: 'GOVERNANCE.EVIDENCE_INVALID',
    });
  });
});

describe('a policy and limits while the services run', () => {
  it('are picked up once two people agreed; decisions are run again by the auditor, and the story names both', async () => {
    const home = homeOf({ EK_HOME: join(dir, 'run') });
    const roster = enrol(home.dir);
    const inputs = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'governance', days: 4 });
    const bookId = inputs.books[0]?.file.book ?? '';
    const policy = join(dir, 'wide.json');
    writeFileSync(policy, JSON.stringify({ kind: 'delta-band', band: '0.4' }));
    const limits = join(dir, 'limits.json');
    writeFileSync(limits, JSON.stringify({ maxOrderNotionalUsd: '1' }));
    const stack = await startStack({
      home,
      say: () => undefined,
      environment: { EK_DURABILITY: 'unsynced' },
    });
    const progress = new ProgressLine(true);
    const run = new ServiceRun({ home, stack, inputs, progress, speed: 0, venue: {}, logLevel: 'warn' });
    const connection = await connectNats(stack.access('desk'), 'governance-test');
    try {
      const running = run.run();
      const change = async (): Promise<string> => {
        while (run.fraction < 0.2) await delay(5);
        const keyring = new CommitKeyring(home);
        const keys = { trust: keyring.trust(), signer: keyring.desk };
        const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
        const store = new GovernanceJournal({
          journal: await PeopleJournal.open({ connection, producer, nowNs: wallNanoseconds, ...keys }),
          opening: () => roster.opening(),
        });
        const wanted = policyContent(bookId, policy, '0');
        const now = (): string => new Date().toISOString();
        const request = { ...wanted, reason: 'calmer market', by: 'tess', at: now() };
        const { proposed } = await propose(store, request, signing(roster), parseInstant(request.at));
        await expect(approve(store, roster, proposed, 'tess', now())).rejects.toMatchObject({
          code: 'GOVERNANCE.OWN_PROPOSAL',
        });
        expect((await approve(store, roster, proposed, 'rita', now())).status).toBe('approved');
        expect((await store.load()).inForce.get(`policy ${bookId}`)).toBe(proposed.contentHash);
        while (run.fraction < 0.5) await delay(5);
        const mandate = { ...limitsContent(bookId, limits), reason: 'new mandate', by: 'rita', at: now() };
        const { proposed: narrower } = await propose(
          store,
          mandate,
          signing(roster),
          parseInstant(mandate.at),
        );
        await approve(store, roster, narrower, 'ruth', now());
        return proposed.proposalId;
      };
      const [report, proposalId] = await Promise.all([running, change()]);
      expect(report.verification.status).toBe('clean');

      const epoch = await currentEpoch(connection);
      const commits: StoredCommit[] = [];
      for await (const stored of new JetStreamEventLog(connection, epoch.journalStream).read({}))
        commits.push(stored);
      const policies = commits.flatMap(({ seq, commit }) =>
        commit.events.flatMap(({ event }) => (event.type === 'PolicySet' ? [{ seq, ...event.payload }] : [])),
      );
      expect(policies).toHaveLength(2);
      const [, second] = policies;
      expect(second?.approval).toMatchObject({ proposalId, proposedBy: 'tess', approvedBy: 'rita' });
      const seqsOf = (type: string): number[] =>
        commits.flatMap(({ seq, commit }) =>
          commit.events.some(({ event }) => event.type === type) ? [seq] : [],
        );
      const [set] = commits.flatMap(({ seq, commit }) =>
        commit.events.flatMap(({ event }) => (event.type === 'LimitsSet' ? [{ seq, ...event.payload }] : [])),
      );
      expect(set?.approval).toMatchObject({ proposedBy: 'rita', approvedBy: 'ruth' });
      expect(seqsOf('LimitsSet')).toHaveLength(seqsOf('VenueAccountOpened').length);
      expect(seqsOf('OrderRefused').length).toBeGreaterThan(0);
      for (const seq of seqsOf('OrderRefused')) expect(seq).toBeGreaterThan(set?.seq ?? 0);
      for (const seq of seqsOf('OrderIntended')) expect(seq).toBeLessThan(set?.seq ?? 0);

      const pool = createLedgerPool({ url: stack.databaseUrl, max: 2 });
      try {
        const decisions = await listDecisions(pool, { epoch: '1', limit: 1000 });
        const first = decisions.find(({ seq }) => seq < (second?.seq ?? 0));
        const after = decisions.filter(({ seq }) => seq > (second?.seq ?? 0));
        expect(after.length).toBeGreaterThan(0);
        const told = reconstructionText(await reconstruct(pool, after[after.length - 1]?.decisionId ?? ''), {
          full: true,
        });
        expect(told).toMatch(
          /Who .*proposed by tess at \S+, approved by rita at \S+, reason “.*”; both signatures verified/,
        );
        expect(reconstructionText(await reconstruct(pool, first?.decisionId ?? ''), { full: true })).toMatch(
          /set without a second person/,
        );
        process.stderr.write(
          `policy changed at sequence ${second?.seq ?? 0}: ${after.length} of ${decisions.length} decisions after it, all run again\n`,
        );
      } finally {
        await pool.end();
      }
    } finally {
      await connection.close();
      await run.stop();
      await stack.stop();
    }
  }, 180_000);
});

describe('what is proposed', () => {
  it('is checked before anybody is asked to sign it', () => {
    const bad = join(dir, 'bad.json');
    writeFileSync(bad, JSON.stringify({ kind: 'hope' }));
    expect(() => policyContent('b', bad, '0')).toThrow(/kind/);
    expect(() => policyContent('b', join(dir, 'absent.json'), '0')).toThrow();
    expect(() => releaseContent('everything', ['e'])).toThrow(/scope/);
    expect(() => releaseContent('firm', [])).toThrow(/not stopped/);
    writeFileSync(bad, JSON.stringify({ maxHope: '1' }));
    expect(() => limitsContent('b', bad)).toThrow(/maxHope/);
    writeFileSync(bad, JSON.stringify({ maxGrossNotionalUsd: '5' }));
    expect(limitsContent('b', bad).content).toBe(
      '{"maxGrossNotionalUsd":"5","maxOrderQuantity":[],"maxOrdersPerMinute":60,"priceCollarBps":"50"}',
    );
    expect(releaseContent('book:b', ['e-2', 'e-1']).content).toBe(
      '{"engagements":["e-1","e-2"],"release":"book:b"}',
    );
  });
});
