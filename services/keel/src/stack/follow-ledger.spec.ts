import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trailEvidence } from '@evenkeel/adapter-audit';
import { LedgerToVerify, createLedgerWriter } from '@evenkeel/adapter-postgres';
import { sealCommit } from '@evenkeel/contracts';
import { aggregateKey } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { UNREAD_BOARD, confirmed, mayTrade, withEngagement } from '@evenkeel/execution';
import { required } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { busyDemonstration } from '@evenkeel/testkit';
import { ContinuousVerifier, InlineAuditor } from '@evenkeel/verification';
import { LedgerCluster } from '../../../../libs/adapter-postgres/src/sample/ledger-cluster.test-support';
import { engageLatch, latchFiles, newEngagement } from './engage-latch';

const market = busyDemonstration('continuous', 1);
const book = { file: market.book, source: 'the demonstration book' };
const { journal } = runInProcess({ tape: market.tape, books: [book] });

/** The journal with another reason in one decision, sealed and chained as if the service had written it. */
function withPlantedDecision(at: number): readonly StoredCommit[] {
  const heads = new Map<string, Uint8Array>();
  return journal.all.map((stored, index) => {
    const { commit } = stored;
    const events = commit.events.map((recorded) =>
      index === at && recorded.event.type === 'HedgeDecided'
        ? {
            ...recorded,
            event: { ...recorded.event, payload: { ...recorded.event.payload, reasons: ['TRUST_ME'] } },
          }
        : recorded,
    );
    const key = aggregateKey(commit.aggregate);
    const sealed = sealCommit({ ...commit, events, prevHash: heads.get(key) ?? commit.prevHash });
    heads.set(key, sealed.hash);
    return { ...stored, ...sealed };
  });
}

describe('verifying beside production', () => {
  let cluster: LedgerCluster;
  let dir: string;
  beforeAll(async () => {
    cluster = await LedgerCluster.start();
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-follow-'));
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const verifierOf = (pool: Awaited<ReturnType<LedgerCluster['database']>>, killDir: string) => {
    const ledger = new LedgerToVerify(pool.pool('evenkeel_reader'));
    const questions = { folder: join(dir, 'none'), witnesses: [], outside: [] };
    return new ContinuousVerifier({
      ledger,
      trail: () => trailEvidence(ledger.checkpoints, questions),
      auditor: new InlineAuditor(),
      engage: async (scope, reason) => {
        await engageLatch(killDir, scope, newEngagement('verifier', reason), () =>
          Promise.resolve(undefined),
        );
      },
    });
  };

  it('keeps up with a ledger that grows, and stops nothing while it is sound', async () => {
    const database = await cluster.database();
    const writer = createLedgerWriter(database.pool(), { epoch: journal.all[0]?.commit.epoch ?? '' });
    const killDir = join(dir, 'kill-sound');
    const verifier = verifierOf(database, killDir);
    const step = Math.ceil(journal.all.length / 5);
    let decisions = 0;
    for (let from = 0; from < journal.all.length; from += step) {
      await writer.append(journal.all.slice(from, from + step));
      const round = await verifier.round();
      expect(round).toMatchObject({ lag: 0, findings: [], stopped: [] });
      expect(round.runAgain.decisions).toBeGreaterThan(decisions);
      decisions = round.runAgain.decisions;
    }
    await writer.close();
    expect(existsSync(killDir)).toBe(false);
    expect(await verifier.registry.metrics()).toMatch(/evenkeel_verifier_lag_commits 0/);
  }, 60_000);

  it('stops the book of a decision that does not follow from its inputs, and no other', async () => {
    const planted = journal.all.findIndex(
      ({ commit }, at) =>
        at > journal.all.length / 2 && commit.events.some(({ event }) => event.type === 'HedgeDecided'),
    );
    const altered = withPlantedDecision(planted);
    const database = await cluster.database();
    const writer = createLedgerWriter(database.pool(), { epoch: altered[0]?.commit.epoch ?? '' });
    const killDir = join(dir, 'kill-planted');
    const verifier = verifierOf(database, killDir);
    await writer.append(altered.slice(0, planted));
    expect((await verifier.round()).stopped).toEqual([]);
    await writer.append(altered.slice(planted));
    await writer.close();
    const round = await verifier.round();
    const scope = `book:${market.book.book}`;
    expect(round.findings.map(({ seq, code }) => [seq, code])).toEqual([
      [required(altered[planted], 'the planted one').seq, 'LEDGER.DECISION_DIVERGES'],
    ]);
    expect(round.stopped).toEqual([scope]);
    const [file] = latchFiles(killDir);
    expect(file).toMatchObject({ scope, engagement: { by: 'verifier' } });
    // The execution service, which reads that folder, lets nothing of this book leave.
    const board = withEngagement(confirmed(UNREAD_BOARD, 0), scope, required(file, 'the latch').engagement);
    expect(mayTrade(board, ['firm', scope], 0, 10).allowed).toBe(false);
    expect(mayTrade(board, ['firm', 'book:another'], 0, 10).allowed).toBe(true);
    expect((await verifier.round()).stopped).toEqual([]);
    expect(await verifier.registry.metrics()).toMatch(
      /divergences_total\{code="LEDGER.DECISION_DIVERGES"\} 1/,
    );
  }, 60_000);
});
