import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import type { EventOf, EventType } from '@evenkeel/facts';
import { formatExpiryDate } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import type { Accident } from '@evenkeel/venues';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { ServiceName } from '../stack/service-environment';
import { ExchangeChild } from './exchange-child';
import { loadLiveInputs } from './live-inputs';
import { LiveRun } from './live-run';
import type { LiveReport } from './live-run';
import { ProgressLine } from './progress-line';

const DAY_MS = 86_400_000;

/** The same straddle in the words of each venue, a week from now, and what it is hedged with there. */
export interface StraddleAt {
  readonly venue: string;
  readonly hedge: string;
  readonly quantity: string;
  /** Premium of a leg, in the unit in which the venue quotes it. */
  readonly premium: string;
  leg(expiry: bigint, side: 'C' | 'P'): string;
}

const named =
  (suffix: string) =>
  (expiry: bigint, side: string): string =>
    `BTC-${formatExpiryDate(expiry)}-90000-${side}${suffix}`;
/** `261208`. */
const numberedDate = (expiry: bigint): string =>
  new Date(Number(expiry / 1_000_000n)).toISOString().slice(2, 10).replaceAll('-', '');

export const STRADDLES: readonly StraddleAt[] = [
  {
    venue: 'deribit-sim',
    hedge: 'BTC-PERPETUAL@deribit',
    quantity: '-2',
    premium: '0.02',
    leg: named('@deribit'),
  },
  {
    venue: 'bybit-sim',
    hedge: 'BTCUSD-PERP@bybit',
    quantity: '-2',
    premium: '1800',
    leg: named('-USDT@bybit'),
  },
  {
    venue: 'okx-sim',
    hedge: 'BTC-USD-SWAP@okx',
    // A contract is a hundredth of a coin.
    quantity: '-200',
    premium: '0.02',
    leg: (expiry, side) => `BTC-USD-${numberedDate(expiry)}-90000-${side}@okx`,
  },
];

export interface LiveOptions {
  readonly straddle: StraddleAt;
  readonly script: readonly Accident[];
  readonly forMs: number;
  /** Ended by SIGKILL in this order, one after each fill. */
  readonly victims: readonly ServiceName[];
}

/** A book at an exchange of ours, in real time through all services, some of which are killed. */
export class LiveAtVenue {
  report!: LiveReport;
  private end: (() => Promise<void>)[] = [];
  private run!: LiveRun;
  exchange!: ExchangeChild;
  private readonly left: ServiceName[];

  private constructor(private readonly options: LiveOptions) {
    this.left = [...options.victims];
  }

  static async play(options: LiveOptions): Promise<LiveAtVenue> {
    const live = new LiveAtVenue(options);
    try {
      await live.start();
    } catch (error) {
      await live.stop();
      throw error;
    }
    return live;
  }

  get commits(): LiveRun['commits'] {
    return this.run.commits;
  }

  /** Killed already. */
  get killed(): number {
    return this.options.victims.length - this.left.length;
  }

  events<T extends EventType>(type: T): EventOf<T>['payload'][] {
    return this.run.commits.flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === type ? [event.payload as EventOf<T>['payload']] : [],
      ),
    ); // narrowed by its type
  }

  async stop(): Promise<void> {
    for (const end of this.end.reverse()) await end();
    this.end = [];
  }

  private async start(): Promise<void> {
    const { straddle, script, forMs } = this.options;
    const dir = mkdtempSync(join(tmpdir(), 'evenkeel-live-'));
    this.end.push(async () => rmSync(dir, { recursive: true, force: true }));
    const home = homeOf({ EK_HOME: dir });
    const venue = required(LIVE_VENUES.get(straddle.venue), 'a venue of ours');
    const inputs = loadLiveInputs({
      venue,
      paper: false,
      books: [writeBook(dir, straddle)],
      wallMs: Date.now(),
    });
    const stack = await startStack({ home, say: () => undefined, environment: {} });
    this.end.push(() => stack.stop());
    const { config, keys } = required(venue.local, 'the local exchange').prepare({
      instruments: inputs.instruments,
      books: inputs.books.map(({ file }) => file.book),
      clockOffsetMs: inputs.clockOffsetMs,
      stepMs: 200,
      seed: 'live-spec',
      moveMax: 6,
    });
    this.exchange = await ExchangeChild.start(venue.name, config, home.logs);
    this.end.push(() => this.exchange.stop());
    this.run = new LiveRun({
      home,
      stack,
      inputs,
      venue,
      paper: false,
      forMs,
      progress: new ProgressLine(true),
      logLevel: 'info',
      approvals: [],
      exchange: { child: this.exchange, environment: keys, script },
    });
    this.end.push(() => this.run.stop());
    const killer = setInterval(() => this.killNext(), 100);
    this.report = await this.run.run().finally(() => clearInterval(killer));
    process.stderr.write(`live at ${straddle.venue}: ${JSON.stringify(this.report.live)}\n`);
    this.trace();
  }

  private killNext(): void {
    const fills = this.run.commits.filter(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'OrderFilled'),
    ).length;
    const [victim] = this.left;
    if (victim === undefined || fills < this.killed + 2) return;
    this.left.shift();
    this.run.supervisor.kill(victim);
  }

  private trace(): void {
    if (process.env['EK_LIVE_TRACE'] !== '1') return;
    for (const { seq, commit } of this.run.commits)
      for (const { event } of commit.events)
        process.stderr.write(
          `${seq} ${commit.aggregate.context} ${event.type} ${JSON.stringify(event.payload).slice(0, 400)}\n`,
        );
  }
}

/** Short a straddle of a week from now, hedged with the perpetual of the same exchange. */
function writeBook(dir: string, { hedge, leg, quantity, premium }: StraddleAt): string {
  const expiry = BigInt(Math.floor((Date.now() + 8 * DAY_MS) / DAY_MS) * DAY_MS) * 1_000_000n;
  const at = new Date(Date.now() - 60_000).toISOString();
  const positions = (['C', 'P'] as const).map((side) => ({
    instrument: leg(expiry, side),
    quantity,
    price: premium,
    at,
  }));
  const path = join(dir, 'book.json');
  const book = {
    book: 'live-straddle',
    numeraire: 'USD',
    positions,
    hedge: {
      instruments: [hedge],
      policy: { kind: 'delta-band', band: '0.05' },
      target: { delta: '0' },
    },
    limits: { maxGrossNotionalUsd: '3000000', priceCollarBps: '50' },
  };
  writeFileSync(path, JSON.stringify(book));
  return path;
}
