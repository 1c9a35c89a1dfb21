import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JetStreamEventLog, connectNats, currentEpoch, environmentOf } from '@evenkeel/adapter-nats';
import type { Commit } from '@evenkeel/eventing';
import { runInProcess } from '@evenkeel/lab';
import { main } from '../main';
import { loadRunInputs } from '../run/inputs';
import { ProgressLine } from '../run/progress-line';
import { ServiceRun } from '../run/service-run';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';

describe('the desk commands on a running stack', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-controls-'));
  const before = { ...process.env };
  let stop = (): Promise<void> => Promise.resolve();
  afterAll(async () => {
    // Also where the test ran out of time and its own end was never reached: nothing may outlive the folder.
    await stop();
    for (const name of ['NATS_URL', 'NATS_CREDS_FILE', 'NATS_CA_FILE', 'EK_GOVERNANCE'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    rmSync(dir, { recursive: true, force: true });
  });

  it('reach the journal under a name; services reconcile as the lab does, and decide the same', async () => {
    const plain = loadRunInputs({ books: [], seed: 'controls', days: 1 });
    const books = plain.books.map((managed) => {
      const reconciliation = { atStart: true, interval: 'PT1H' };
      return { ...managed, file: { ...managed.file, limits: { ...managed.file.limits, reconciliation } } };
    });
    const inputs = { ...plain, books };
    const lab = runInProcess({ tape: inputs.tape, books });
    const book = books[0]?.file.book ?? '';
    // One person alone: what two have to agree on is in governance.spec.ts.
    process.env['EK_GOVERNANCE'] = 'optional';
    const home = homeOf({ EK_HOME: dir });
    const stack = await startStack({
      home,
      say: () => undefined,
      environment: { EK_DURABILITY: 'unsynced' },
    });
    const run = new ServiceRun({
      home,
      stack,
      inputs,
      progress: new ProgressLine(true),
      speed: 0,
      venue: { seed: 'controls' },
      logLevel: 'error',
    });
    stop = async () => {
      await run.stop();
      await stack.stop();
    };
    try {
      Object.assign(process.env, environmentOf(stack.access('desk')));
      const words = [
        'restrict',
        'lift',
        'ETH-PERPETUAL@deribit',
        '--book',
        book,
        '--future',
        '--by',
        'ann',
        '--reason',
        'drill',
      ];
      await main(['node', 'keel', ...words]);
      expect(process.exitCode).toBeFalsy();
      const report = await run.run();
      const connection = await connectNats(stack.access('observer'), 'controls-spec');
      const { journalStream } = await currentEpoch(connection);
      const commits: Commit[] = [];
      for await (const { commit } of new JetStreamEventLog(connection, journalStream).read({}))
        commits.push(commit);
      await connection.close();
      const count = (all: readonly Commit[], type: string): number =>
        all.filter(({ events }) => events.some(({ event }) => event.type === type)).length;
      const inLab = lab.journal.all.map(({ commit }) => commit);
      const set = commits.find(({ events }) => events[0]?.event.type === 'RestrictionSet');
      expect(set?.actor).toEqual({ kind: 'human', id: 'ann' });
      expect(set?.events[0]?.event.payload).toMatchObject({
        restricted: false,
        by: 'ann',
        reason: 'drill',
      });
      expect(count(commits, 'VenueReconciled')).toBeGreaterThan(20);
      expect(count(commits, 'VenueReconciled')).toBe(count(inLab, 'VenueReconciled'));
      expect(count(commits, 'ReconciliationDiffered')).toBe(0);
      expect(report.decisionDigest).toBe(lab.decisionDigest);
      // Whose keys count: the services’ journal says it first, the lab signs nothing.
      const opening = commits.filter(({ aggregate }) => aggregate.context === 'governance');
      expect(opening.map(({ aggregate }) => aggregate.type)).toEqual(['commit-keys']);
      expect(report.journal.commits).toBe(inLab.length + opening.length + 1);
    } finally {
      await stop();
      stop = () => Promise.resolve();
    }
  }, 180_000);
});
