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
  /** The exchange of ours that the hedge trades at, where it is not the same; the price moves at both alike. */
  readonly hedgedAt?: string;
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

/** The straddle of Deribit, hedged at a venue whose options no book of ours names. */
export const HEDGED_ELSEWHERE: readonly StraddleAt[] = [
  {
    venue: 'deribit-sim',
    hedge: 'BTCUSD-PERP@binance',
    hedgedAt: 'binance-sim',
    quantity: '-2',
    premium: '0.02',
    leg: named('@deribit'),
  },
  {
    venue: 'deribit-sim',
    hedge: 'BTC-PERP@hyperliquid',
    hedgedAt: 'hyperliquid-sim',
    quantity: '-2',
    premium: '0.02',
    leg: named('@deribit'),
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
  /** What was to befall the exchange that the book is hedged at. */
  script: readonly Accident[] = [];
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
      ...(straddle.hedgedAt === undefined ? {} : { hedge: straddle.hedge }),
    });
    const stack = await startStack({ home, say: () => undefined, environment: {} });
    this.end.push(() => stack.stop());
    const opened = async (name: string, accidents: readonly Accident[]) => {
      const at = required(LIVE_VENUES.get(name), 'a venue of ours');
      const { config, keys } = required(at.local, 'the local exchange').prepare({
        instruments: inputs.instruments,
        books: inputs.books.map(({ file }) => file.book),
        clockOffsetMs: inputs.clockOffsetMs,
        stepMs: 200,
        seed: 'live-spec',
        moveMax: straddle.hedgedAt === undefined ? 6 : 0,
      });
      const child = await ExchangeChild.start(at.name, config, home.logs);
      this.end.push(() => child.stop());
      return { venue: at, child, environment: keys, script: accidents };
    };
    const { hedgedAt } = straddle;
    // The market moves everywhere; what befalls orders befalls them where they are.
    const moved = hedgedAt === undefined ? script : script.flatMap(eased);
    const moves = moved.filter(({ what }) => what === 'shock');
    const own = await opened(venue.name, hedgedAt === undefined ? moved : moves);
    const others = hedgedAt === undefined ? [] : [await opened(hedgedAt, moved)];
    const hedge = others[0] ?? own;
    this.exchange = hedge.child;
    this.script = hedge.script;
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
      exchange: own,
      others,
    });
    this.end.push(() => this.run.stop());
    const killer = setInterval(() => this.killNext(), 100);
    this.report = await this.run.run().finally(() => clearInterval(killer));
    process.stderr.write(
      `live at ${straddle.hedgedAt ?? straddle.venue}: ${JSON.stringify(this.report.live)}\n`,
    );
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

/** Short a straddle of a week from now, hedged with a perpetual. */
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

const STEPS = 5;

/** Two venues tell of a move a moment apart: it comes in steps, each below what halts a price for that. */
function eased(accident: Accident): readonly Accident[] {
  const { what, afterMs, value = 0 } = accident;
  if (what !== 'shock') return [accident];
  return Array.from({ length: STEPS }, (_, step) => ({
    what,
    afterMs: afterMs + step * 500,
    value: value / STEPS,
  }));
}
