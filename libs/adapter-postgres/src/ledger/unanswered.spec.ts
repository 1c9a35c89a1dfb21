import { createServer, connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { createLedgerPool } from '../schema/ledger-pool';
import { createLedgerWriter } from './ledger-writer';

/** A line that can fall silent without closing, as a firewall or a lost route makes it. */
class Line {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(target: number): Promise<Line> {
    const server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        line.sockets.add(from);
        from.on('data', (bytes) => {
          if (!line.silent) to.write(bytes);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const line = new Line(server, typeof address === 'object' && address !== null ? address.port : 0);
    return line;
  }

  fallSilent(): void {
    this.silent = true;
  }

  speak(): void {
    this.silent = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a database that no longer answers, on a line that stays open', () => {
  it('is said to be away in time, and the ledger goes on when it answers again', async () => {
    const cluster = await LedgerCluster.start();
    const database = await cluster.database();
    const line = await Line.to(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(line.port);
    const pool = createLedgerPool({ url: url.toString(), role: 'evenkeel_ledger', statementTimeoutMs: 300 });
    const journal = sampleJournal({ seed: 'silence', steps: 6 });
    const half = Math.floor(journal.length / 2);
    const writer = createLedgerWriter(pool, { epoch: '1' });
    try {
      expect(await writer.append(journal.slice(0, half))).toBe(half);
      line.fallSilent();
      await expect(writer.append(journal.slice(half))).rejects.toMatchObject({ code: 'LEDGER.UNAVAILABLE' });
      line.speak();
      expect(await writer.checkpoint()).toBe(half);
      expect(await writer.append(journal.slice(half))).toBe(journal.length);
    } finally {
      await writer.close();
      await pool.end();
      await line.close();
      await cluster.stop();
    }
  });
});
