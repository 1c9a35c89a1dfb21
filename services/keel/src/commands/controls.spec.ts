import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CommandBucket,
  JetStreamEventLog,
  connectNats,
  currentEpoch,
  environmentOf,
} from '@evenkeel/adapter-nats';
import type { Commit } from '@evenkeel/eventing';
import { runInProcess } from '@evenkeel/lab';
import { BUSY_POLICY } from '@evenkeel/testkit';
import { loadRunInputs } from '../run/inputs';
import { ProgressLine } from '../run/progress-line';
import { ServiceRun } from '../run/service-run';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { keelSays } from './words.test-support';

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
    const plain = loadRunInputs({ books: [], policy: BUSY_POLICY, seed: 'controls', days: 1 });
    const books = plain.books.map((managed) => {
      const reconciliation = { atStart: true, interval: 'PT1H' };
      return { ...managed, file: { ...managed.file, limits: { ...managed.file.limits, reconciliation } } };
    });
    const inputs = { ...plain, books };
    const lab = runInProcess({ tape: inputs.tape, books });
    const book = books[0]?.file.book ?? '';
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
      const restrict = (word: string, instrument: string, ...flags: string[]) =>
        keelSays(
          { EK_HOME: dir, EK_GOVERNANCE: 'optional' },
          'restrict',
          word,
          instrument,
          '--book',
          book,
          '--by',
          'ann',
          '--reason',
          'drill',
          ...flags,
        );
      const handedOver = await restrict('set', 'ETH-PERPETUAL@deribit', '--future');
      expect([handedOver.code, handedOver.stdout]).toEqual([
        0,
        expect.stringMatching(/is handed over .*waits for what it names/),
      ]);
      const running = run.run();
      while (run.fraction < 0.05) await delay(5);
      const held = books[0]?.file.positions[0]?.instrument ?? '';
      const unknown = await restrict('set', 'NOPE@x');
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/no instrument "NOPE@x" of/)]);
      const set = await restrict('set', held);
      expect([set.code, set.stdout]).toEqual([
        0,
        expect.stringMatching(/^restriction of \S+ set of \S+ \(\S+\), in force since \S+Z \(sequence \d+\)/),
      ]);
      // The epoch was not opened for one person alone, whatever this command is told; nor is execution told so.
      const lifted = await restrict('lift', held);
      expect([lifted.code, lifted.stdout, lifted.stderr]).toEqual([
        1,
        '',
        expect.stringMatching(/GOVERNANCE\.NOT_APPROVED(.|\n)*in an epoch that was opened with it/),
      ]);
      const id = randomUUID();
      const desk = await connectNats(stack.access('desk'), 'controls-spec');
      await (
        await CommandBucket.open(desk)
      ).writeCommand({
        kind: 'restriction-set',
        id,
        book,
        instrument: held,
        restricted: false,
        by: 'ann',
        reason: 'drill',
        at: new Date().toISOString(),
      });
      const listed = await keelSays({ EK_HOME: dir }, 'controls');
      expect(listed.stdout).toMatch(/restrict set ETH-PERPETUAL@deribit\n {2}by ann: drill\n {2}taken at/);
      await desk.flush();
      await desk.close();
      const deadline = performance.now() + 10_000;
      while (performance.now() < deadline) {
        if ((await keelSays({ EK_HOME: dir }, 'controls', id)).stdout.includes('refused at')) break;
        await delay(100);
      }
      const one = await keelSays({ EK_HOME: dir }, 'controls', id);
      expect(one.stdout).toMatch(
        /restrict lift .*\n {2}by ann: drill \(.*\)\n {2}refused at \S+: NOT_APPROVED/,
      );
      expect((await keelSays({ EK_HOME: dir }, 'controls', 'nosuch')).code).toBe(2);
      const report = await running;
      const connection = await connectNats(stack.access('observer'), 'controls-spec');
      const { journalStream } = await currentEpoch(connection);
      const commits: Commit[] = [];
      for await (const { commit } of new JetStreamEventLog(connection, journalStream).read({}))
        commits.push(commit);
      await connection.close();
      const count = (all: readonly Commit[], type: string): number =>
        all.filter(({ events }) => events.some(({ event }) => event.type === type)).length;
      const inLab = lab.journal.all.map(({ commit }) => commit);
      const first = commits.find(({ events }) => events[0]?.event.type === 'RestrictionSet');
      expect(first?.actor).toEqual({ kind: 'human', id: 'ann' });
      expect(first?.events[0]?.event.payload).toMatchObject({
        restricted: true,
        by: 'ann',
        reason: 'drill',
      });
      expect(count(commits, 'RestrictionSet')).toBe(2);
      expect(count(commits, 'ControlRefused')).toBe(1);
      expect(count(commits, 'VenueReconciled')).toBeGreaterThan(20);
      expect(count(commits, 'VenueReconciled')).toBe(count(inLab, 'VenueReconciled'));
      expect(count(commits, 'ReconciliationDiffered')).toBe(0);
      expect(report.decisionDigest).toBe(lab.decisionDigest);
      // Whose keys count: the services’ journal says it first, the lab signs nothing.
      const opening = commits.filter(({ aggregate }) => aggregate.context === 'governance');
      expect(opening.map(({ aggregate }) => aggregate.type)).toEqual(['commit-keys']);
      expect(report.journal.commits).toBe(inLab.length + opening.length + 3);
    } finally {
      await stop();
      stop = () => Promise.resolve();
    }
  }, 180_000);
});
