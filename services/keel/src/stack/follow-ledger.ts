import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ContinuousVerifier, GovernedAuditor, InlineAuditor, ReexecutionPool } from '@evenkeel/verification';
import type { JudgeTrail, RoundReport, VerifiableLedger } from '@evenkeel/verification';
import { busOf } from './background';
import { engageLatch, newEngagement } from './engage-latch';
import { homeOf } from './home';

export interface FollowOptions {
  readonly ledger: VerifiableLedger;
  readonly trail: JudgeTrail;
  readonly threads: number;
  /** Of /metrics; undefined serves none, 0 takes a free one. */
  readonly port: number | undefined;
  readonly say: (line: string) => void;
  readonly onRound: (round: RoundReport) => void;
}

/** Verifies beside production until it is told to stop; whether anything was found. */
export async function followLedger(options: FollowOptions): Promise<boolean> {
  const home = homeOf();
  let found = false;
  const verifier = new ContinuousVerifier({
    ledger: options.ledger,
    trail: options.trail,
    auditor: new GovernedAuditor(
      options.threads > 0 ? new ReexecutionPool(options.threads) : new InlineAuditor(),
    ),
    engage: async (scope, reason) => {
      const { bucket } = await engageLatch(home.kill, scope, newEngagement('verifier', reason), () =>
        busOf(home, 'desk'),
      );
      options.say(`STOPPED ${scope}: ${reason} (${bucket ? 'file latch and control bucket' : 'file latch'})`);
    },
    onRound: (round) => {
      found ||= round.findings.length > 0;
      options.onRound(round);
    },
  });
  const close =
    options.port === undefined ? undefined : await serveMetrics(verifier, options.port, options.say);
  const stop = (): void => verifier.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await verifier.run((error) =>
      options.say(`trying again: ${error instanceof Error ? error.message : String(error)}`),
    );
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await close?.();
  }
  return found;
}

async function serveMetrics(
  verifier: ContinuousVerifier,
  port: number,
  say: (line: string) => void,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(request.url === '/healthz' ? 200 : 404).end();
      return;
    }
    verifier.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': verifier.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  say(`metrics at http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`); // it listens on TCP
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
