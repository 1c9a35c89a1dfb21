import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectNats, ensureStreams } from '@evenkeel/adapter-nats';
import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import { formatExpiryDate } from '@evenkeel/instruments';
import { createRandom, required } from '@evenkeel/kernel';
import { jetstreamManager } from '@nats-io/jetstream';
import { WebSocket } from 'ws';
import { engageLatch, newEngagement } from '../stack/engage-latch';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { startStack } from '../stack/stack';
import type { StackInProcess } from '../stack/stack';
import { ExchangeChild } from './exchange-child';
import { loadLiveInputs } from './live-inputs';
import { LiveRun } from './live-run';
import { ProgressLine } from './progress-line';

const DAY_MS = 86_400_000;
const BOOK = 'long-straddle';
/** The promise: nothing of ours is alive at the venue so long after whatever happened. */
const GONE_WITHIN_MS = 10_000;
const TAKE_BACK_AFTER_MS = 4_000;
const MOMENTS = process.env['EK_SOAK'] === '1' ? 20 : 3;
const DISK = '256m';

/** Long gamma, with a ladder of orders that rest on both sides of the market. */
function writeBook(dir: string): string {
  const expiry = BigInt(Math.floor((Date.now() + 8 * DAY_MS) / DAY_MS) * DAY_MS) * 1_000_000n;
  const date = formatExpiryDate(expiry);
  const at = new Date(Date.now() - 60_000).toISOString();
  const leg = (side: string) => ({
    instrument: `BTC-${date}-90000-${side}@deribit`,
    quantity: '20',
    price: '0.02',
    at,
  });
  const book = {
    book: BOOK,
    numeraire: 'USD',
    positions: [leg('C'), leg('P')],
    hedge: {
      instruments: ['BTC-PERPETUAL@deribit'],
      policy: { kind: 'gamma-scalping', rungSize: '0.1', rungs: 2, margin: '0' },
      target: { delta: '0' },
    },
    limits: { maxGrossNotionalUsd: '30000000', priceCollarBps: '50', maxOrdersPerMinute: 1000 },
  };
  const path = join(dir, 'book.json');
  writeFileSync(path, JSON.stringify(book));
  return path;
}

/** Somebody else who looks at the account over a connection of his own, and protects nothing by it. */
class Onlooker {
  private next = 1;
  private readonly waiting = new Map<number, (result: unknown) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }; // the exchange's JSON-RPC
      if (id === undefined) return;
      this.waiting.get(id)?.(result);
      this.waiting.delete(id);
    });
    socket.on('error', () => undefined);
  }

  static async at(url: string, key: string, secret: string): Promise<Onlooker> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const onlooker = new Onlooker(socket);
    await onlooker.ask('public/auth', {
      grant_type: 'client_credentials',
      client_id: key,
      client_secret: secret,
    });
    return onlooker;
  }

  /** Labels of what rests. */
  async resting(): Promise<string[]> {
    const orders = (await this.ask('private/get_open_orders', {})) as { label: string }[]; // Deribit's answer
    return orders.map(({ label }) => label);
  }

  close(): void {
    this.socket.terminate();
  }

  private ask(method: string, params: object): Promise<unknown> {
    const id = this.next;
    this.next += 1;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }
}

/** The journal on a small disk of its own, where we may mount one. */
function smallDisk(home: Home): boolean {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return false;
  mkdirSync(home.nats, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', home.nats], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('orders at the exchange, whatever happens to the house', () => {
  const seed = process.env['EK_REACH_SEED'] ?? String(Date.now());
  const random = createRandom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-reach-'));
  const home = homeOf({ EK_HOME: dir });
  const before = process.env['EK_TAKE_BACK_AFTER_MS'];
  let mounted = false;
  let stack: StackInProcess;
  let exchange: ExchangeChild;
  let run: LiveRun;
  let ended: Promise<unknown>;
  let access: readonly [url: string, key: string, secret: string];
  let onlooker: Onlooker;

  beforeAll(async () => {
    process.stderr.write(`reach seed ${seed} (repeat with EK_REACH_SEED=${seed})\n`);
    process.env['EK_TAKE_BACK_AFTER_MS'] = String(TAKE_BACK_AFTER_MS);
    mounted = smallDisk(home);
    const venue = required(LIVE_VENUES.get('deribit-sim'), 'a venue of ours');
    const inputs = loadLiveInputs({ venue, paper: false, books: [writeBook(dir)], wallMs: Date.now() });
    stack = await startStack({ home, say: () => undefined, environment: {} });
    const { config, keys } = required(venue.local, 'the local exchange').prepare({
      instruments: inputs.instruments,
      books: [BOOK],
      clockOffsetMs: inputs.clockOffsetMs,
      stepMs: 200,
      seed,
      moveMax: 0,
    });
    exchange = await ExchangeChild.start(venue.name, config, home.logs);
    run = new LiveRun({
      home,
      stack,
      inputs,
      venue,
      paper: false,
      forMs: 3_600_000,
      progress: new ProgressLine(true),
      logLevel: 'info',
      approvals: [],
      exchange: { child: exchange, environment: keys, script: [] },
    });
    ended = run.run().catch(() => undefined);
    const key = (part: string): string => keys[`EK_DERIBIT_LONG_STRADDLE_${part}`] ?? '';
    access = [exchange.ways.url, key('KEY'), key('SECRET')];
    onlooker = await Onlooker.at(...access);
  }, 60_000);

  afterAll(async () => {
    if (before === undefined) delete process.env['EK_TAKE_BACK_AFTER_MS'];
    else process.env['EK_TAKE_BACK_AFTER_MS'] = before;
    onlooker?.close();
    await run?.stop();
    await ended;
    await exchange?.stop();
    await stack?.stop();
    if (mounted) execFileSync('umount', ['-l', home.nats]);
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const untilRests = async (): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while ((await onlooker.resting()).length === 0) {
      if (Date.now() > deadline) throw new Error('no order came to rest');
      await delay(20);
    }
  };

  /** How long until nothing rests, milliseconds. */
  const untilGone = async (what: string): Promise<number> => {
    const begun = performance.now();
    for (;;) {
      const left = await onlooker.resting();
      const ms = Math.round(performance.now() - begun);
      if (left.length === 0) {
        process.stderr.write(`reach: ${what}: nothing rests after ${ms} ms\n`);
        return ms;
      }
      if (ms > GONE_WITHIN_MS) throw new Error(`${what}: ${left.length} orders still rest after ${ms} ms`);
      await delay(10);
    }
  };

  it(
    `are gone after execution was killed, at ${MOMENTS} random moments`,
    async () => {
      for (let moment = 0; moment < MOMENTS; moment += 1) {
        await untilRests();
        await delay(random.integer(1_500));
        run.supervisor.kill('execution');
        expect(await untilGone(`kill -9 of execution, moment ${moment + 1}`)).toBeLessThan(GONE_WITHIN_MS);
      }
    },
    30_000 * MOMENTS,
  );

  it('are gone after every connection was cut', async () => {
    await untilRests();
    exchange.begin([{ afterMs: 0, what: 'cut' }]);
    while (exchange.accidents.length === 0) await delay(5);
    onlooker = await Onlooker.at(...access);
    await untilGone('sockets cut');
  }, 60_000);

  it('are gone, with no latch at all, once NATS has been silent for long, and come back after it', async () => {
    await untilRests();
    const pid = required(stack.nats(), 'a server of ours').pid;
    process.kill(pid, 'SIGSTOP');
    try {
      const ms = await untilGone('NATS stopped');
      expect(ms).toBeLessThan(GONE_WITHIN_MS);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await untilRests();
  }, 60_000);

  it('are gone, and come back, when EK_MARKET was deleted and made anew and execution killed besides', async () => {
    await untilRests();
    const operator = await connectNats(stack.access('operator'), 'reach');
    const { streams } = await jetstreamManager(operator);
    await streams.delete('EK_MARKET');
    await ensureStreams(operator);
    await operator.close();
    run.supervisor.kill('execution');
    await untilGone('EK_MARKET lost, execution killed');
    await untilRests();
  }, 90_000);

  it('are gone under a file latch with the disk of the journal full, and stay gone', async () => {
    if (!mounted)
      return process.stderr.write('reach: SKIPPED disk full: no disk of our own can be mounted here\n');
    await untilRests();
    expect(() =>
      execFileSync('dd', ['if=/dev/zero', `of=${join(home.nats, 'fill')}`, 'bs=1M'], { stdio: 'ignore' }),
    ).toThrow();
    expect(await onlooker.resting()).not.toEqual([]);
    await engageLatch(home.kill, 'firm', newEngagement('ann', 'drill'), () => Promise.resolve(undefined));
    await untilGone('disk full');
    await delay(1_000);
    expect(await onlooker.resting()).toEqual([]);
    rmSync(join(home.nats, 'fill'));
    return undefined;
  }, 60_000);
});
