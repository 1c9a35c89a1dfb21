import { createRandom } from '@evenkeel/kernel';
import { verifyLedger } from '../audit/verify-ledger';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { createLedgerWriter } from './ledger-writer';
import type { LedgerWriter } from './ledger-writer';

const SEED = process.env['EK_SEED'] ?? 'crash';
const ROUNDS = process.env['EK_SOAK'] === '1' ? 25 : 2;
const BATCH_MAX = 60;
const KILLS = 3;

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

describe('a ledger whose server and service die at random moments', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => `${SEED}-${round}`))(
    'ends whole, with every commit once (seed %s)',
    async (seed) => {
      const random = createRandom(seed);
      const journal = sampleJournal({ seed, steps: 80, books: ['alpha', 'beta'] });
      const pool = (await cluster.database()).pool();
      let writer: LedgerWriter = createLedgerWriter(pool, { epoch: '1' });
      let kills = 0;
      let checkpoint = 0;
      while (checkpoint < journal.length) {
        const strike = kills < KILLS && random.integer(4) === 0;
        if (random.integer(5) === 0) {
          await writer.close();
          writer = createLedgerWriter(pool, { epoch: '1' });
        }
        // Redelivery: a batch may begin before the checkpoint.
        const from = Math.max(0, checkpoint - random.integer(10));
        const batch = journal.slice(from, checkpoint + 1 + random.integer(BATCH_MAX));
        const appending = writer.append(batch).catch((error: unknown) => error);
        if (strike) {
          kills += 1;
          // Turns of the event loop spread the blow over the whole transaction.
          for (let turns = random.integer(40); turns > 0; turns -= 1) await new Promise(setImmediate);
          process.kill(cluster.pid, 'SIGKILL');
          await cluster.restart();
        }
        const outcome = await appending;
        if (typeof outcome !== 'number') expect(outcome).toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
        checkpoint = await settled(writer);
      }
      await writer.close();
      expect(kills).toBeGreaterThan(0);
      const report = await verifyLedger(pool);
      expect(report).toMatchObject({ status: 'clean', commits: journal.length, readModels: 'equal' });
    },
  );
});

/** The checkpoint once the server is there: a connection broken by the kill costs one more call. */
async function settled(writer: LedgerWriter): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await writer.checkpoint();
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}
