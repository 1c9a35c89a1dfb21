// Records a golden journal of a release by running that release: five services over three days of the built-in market,
// with what people do meanwhile (a policy proposed and approved, an override, a restriction, a kill and its release).
// Needs a built checkout of the release; writes <name>.journal.br and <name>.json beside this file, never over old ones:
//   node libs/contracts/golden/record-services.mjs <name> <checkout of the release>
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const [name, checkout] = process.argv.slice(2);
if (name === undefined || checkout === undefined)
  throw new Error('say what to call it, and where the release is');
const journalFile = join(here, `${name}.journal.br`);
if (existsSync(journalFile)) throw new Error(`${name} is there already: a released history is not rewritten`);

const released = createRequire(join(resolve(checkout), 'services', 'keel', 'package.json'));
const { decodeCommit, DecisionDigest } = released('@evenkeel/contracts');
const { createLedgerPool, ledgerCommitsBetween, readTree } = released('@evenkeel/adapter-postgres');
const { AuditFolder } = released('@evenkeel/adapter-audit');

const home = mkdtempSync(join(tmpdir(), 'evenkeel-golden-'));
const bin = join(resolve(checkout), 'services', 'keel', 'bin', 'keel.js');
const environment = { ...process.env, EK_HOME: home };
const stackHome = join(home, 'stack');
const keel = async (words, env = environment) => {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words], { env });
  return stdout;
};
/** The servers live in a home of their own, because a run locks the one it uses. */
const servers = (word) => keel([word], { ...process.env, EK_HOME: stackHome });
const written = (file, value) => {
  const path = join(home, file);
  writeFileSync(path, JSON.stringify(value));
  return path;
};

const PERP = 'BTCUSDT-PERP@evenkeel-sim';
const at = '2026-01-05T06:00:07.5Z';
const common = {
  evaluation: { priceMoveBps: '60', maxInterval: 'PT4H' },
  limits: {
    maxOrderQuantity: { [PERP]: '10' },
    maxGrossNotionalUsd: '3000000',
    reconciliation: { atStart: true, interval: 'PT12H' },
  },
};
/** Expires on the third day. */
const straddle = {
  book: 'golden-straddle',
  numeraire: 'USD',
  positions: [
    { instrument: 'BTC-7JAN26-90000-C@deribit', quantity: '-2', price: '0.011', at },
    { instrument: 'BTC-7JAN26-90000-P@deribit', quantity: '-2', price: '0.011', at },
  ],
  hedge: { instruments: [PERP], policy: { kind: 'delta-band', band: '0.3' }, target: { delta: '0' } },
  ...common,
};
/** Another partition, another numeraire, orders carried out over time. */
const strangle = {
  book: 'golden-strangle',
  numeraire: 'BTC',
  positions: [
    { instrument: 'BTC-9JAN26-94000-C@deribit', quantity: '-3', price: '0.006', at },
    { instrument: 'BTC-9JAN26-86000-P@deribit', quantity: '-3', price: '0.006', at },
  ],
  hedge: {
    instruments: [PERP],
    policy: { kind: 'delta-band', band: '0.2' },
    execution: { algorithm: 'twap' },
    target: { delta: '0' },
  },
  ...common,
};
const exchange = {
  seed: 'golden',
  quirks: { rejects: 0.1, lost: 0.05, silent: 0.05, partials: 0.3, splits: 0.2 },
};
/** Event seconds per second: three days in about a minute, so that people have time to act. */
const SPEED = '4000';

/** What people do while the books run, one after the other. */
async function people() {
  const say = ['--by', 'ann', '--reason', 'golden journal'];
  await delay(12_000);
  const policy = written('wider.json', { kind: 'delta-band', band: '0.4' });
  const [proposal] = JSON.parse(
    await keel([
      'propose',
      'policy',
      policy,
      '--book',
      straddle.book,
      '--as',
      'tess',
      '--reason',
      'calmer',
      '--json',
    ]),
  );
  await keel(['approve', proposal.proposed.proposalId, '--as', 'rita', '--reason', 'agreed']);
  await keel([
    'override',
    'grant',
    'order-quantity',
    '--book',
    strangle.book,
    '--up-to',
    '20',
    '--for',
    'PT6H',
    ...say,
  ]);
  await keel(['restrict', 'set', PERP, '--book', straddle.book, ...say]);
  await delay(6_000);
  await keel(['kill', `book:${strangle.book}`, ...say]);
  await delay(8_000);
  await keel(['release', `book:${strangle.book}`, ...say]);
  await keel(['restrict', 'lift', PERP, '--book', straddle.book, ...say]);
}

async function run() {
  for (const [who, role] of [
    ['ada', 'administrator'],
    ['ben', 'administrator'],
    ['tess', 'trader'],
    ['rita', 'risk-officer'],
  ])
    await keel(['identity', 'create', who, '--role', role]);
  await servers('up');
  const { natsUrl, databaseUrl } = JSON.parse(readFileSync(join(stackHome, 'stack.json'), 'utf8'));
  const keys = join(stackHome, 'identity', 'bus');
  Object.assign(environment, {
    NATS_URL: natsUrl,
    NATS_CREDS_DIR: keys,
    NATS_CA_FILE: join(keys, 'ca.pem'),
    DATABASE_URL: databaseUrl,
  });
  const words = ['run', '--seed', 'golden', '--days', '3', '--speed', SPEED];
  const books = [straddle, strangle].flatMap((book) => ['--book', written(`${book.book}.json`, book)]);
  const child = spawn(
    process.execPath,
    [bin, ...words, ...books, '--exchange', written('exchange.json', exchange)],
    {
      env: environment,
      stdio: 'inherit',
    },
  );
  const ended = new Promise((done) => child.once('exit', done));
  await people().catch(async (error) => {
    child.kill('SIGINT');
    await ended;
    throw error;
  });
  const code = await ended;
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  return databaseUrl;
}

try {
  const pool = createLedgerPool({ url: await run(), role: 'evenkeel_reader' });
  const tree = await readTree(pool);
  const rows = [];
  for await (const row of ledgerCommitsBetween(pool, '1', 1, tree.size)) rows.push(row);
  await pool.end();
  const parts = [];
  const types = {};
  const whole = createHash('sha256');
  const digest = new DecisionDigest();
  for (const { bytes } of rows) {
    const commit = decodeCommit(bytes);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, Buffer.from(bytes));
    whole.update(bytes);
    for (const { event } of commit.events) {
      types[event.type] = (types[event.type] ?? 0) + 1;
      digest.add(commit.book, event);
    }
  }
  const audit = AuditFolder.open(join(home, 'audit'));
  const first = decodeCommit(rows[0].bytes);
  const described = {
    schemaVersion: first.schemaVersion,
    stream: `EK_JOURNAL_${first.epoch}`,
    commits: rows.length,
    sha256: whole.digest('hex'),
    decisionDigest: digest.finish(),
    kernelHash: rows.map(({ bytes }) => decodeCommit(bytes).producer.kernelHash).find((hash) => hash !== ''),
    tree: { size: tree.size, root: Buffer.from(tree.root).toString('hex') },
    checkpoint: { origin: audit.identity.origin, keys: audit.identity.keys, note: audit.newest().note },
    types: Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  writeFileSync(
    journalFile,
    brotliCompressSync(Buffer.concat(parts), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } }),
  );
  writeFileSync(join(here, `${name}.json`), `${JSON.stringify(described, null, 2)}\n`);
  process.stderr.write(`${name}: ${described.commits} commits\n`);
} finally {
  await servers('down');
  rmSync(home, { recursive: true, force: true });
}
