// `npm start` from nothing running to the first decision on the journal, the second time in a home: what is built and made
// once is there. By the server's own timestamp of the commit, so nothing looks on meanwhile.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessTo } from './service-tape.mjs';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const keel = join(measuredTree, 'services', 'keel');

function runOf(dir, script, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(measuredTree, script), ...args], {
      cwd: measuredTree,
      env: { ...process.env, EK_HOME: dir },
      stdio: 'ignore',
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${script} ${args.join(' ')} ended with ${code}`)),
    );
  });
}

/** When the newest epoch's first decision was stored, in milliseconds since 1970. */
async function firstDecisionAt(dir) {
  const { homeOf } = require(join(keel, 'dist', 'stack', 'home.js'));
  const { startStack } = require(join(keel, 'dist', 'stack', 'stack.js'));
  const { connectNats, currentEpoch, readToEnd } = require('@evenkeel/adapter-nats');
  const { decodeCommit } = require('@evenkeel/contracts');
  const { jetstream } = require('@nats-io/jetstream');
  const stack = await startStack({ home: homeOf({ EK_HOME: dir }), say: () => undefined, environment: {} });
  try {
    const connection = await connectNats(accessTo(stack), 'bench');
    const { journalStream } = await currentEpoch(connection);
    for await (const message of readToEnd(jetstream(connection), journalStream, 1)) {
      const { events } = decodeCommit(message.data);
      if (!events.some(({ event }) => event.type === 'HedgeDecided' || event.type === 'HedgeDeclined'))
        continue;
      await connection.close();
      return Number(message.timestampNanos / 1_000n) / 1_000;
    }
    throw new Error('the demonstration decided nothing');
  } finally {
    await stack.stop();
  }
}

export default async function bench() {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  try {
    let startedAt = 0;
    for (const _turn of ['first', 'second']) {
      startedAt = Date.now();
      await runOf(dir, 'tools/start.mjs', '--days', '1');
      await runOf(dir, 'services/keel/bin/keel.js', 'down');
    }
    const value = (await firstDecisionAt(dir)) - startedAt;
    return {
      name: 'cold-start',
      rows: [
        {
          metric: 'npm start to the first decision, second run',
          value,
          unit: 'ms',
          before: true,
          lessIsBetter: true,
          aims: { before: { min: 2 } },
        },
      ],
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
