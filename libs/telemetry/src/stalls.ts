import type { Registry } from 'prom-client';
import type { Health } from './health';
import type { Logger } from './logging';
import { createGauge } from './metrics';
import type { WaitWord } from './metric-table';

/** Somebody waits, now. */
export interface Wait {
  /** Who is waited for. */
  readonly for: string;
  readonly what: WaitWord;
  readonly forMs: number;
  /** What is wanting, for a person who reads it. */
  readonly detail: string;
  /** The process does nothing of what it is there for meanwhile. */
  readonly keepsFromReady?: boolean;
  /** Whoever waits says so by itself. */
  readonly saysSo?: boolean;
}

export type WaitSource = () => Iterable<Wait>;

const SAID_AFTER_MS = 10_000;
const SAID_EVERY_MAX_MS = 300_000;
const LOOK_EVERY_MS = 1_000;
const CODE = 'HOST.WAITING';

interface Said {
  nextMs: number;
  pauseMs: number;
  forMs: number;
}

/**
 * Whoever waits for more than ten seconds says for whom and what: a warning that comes again ever more rarely, a metric, and a
 * line of `/health/ready`. Nothing is counted while things move: those who may wait are asked once a second how long they have.
 */
export class Stalls {
  private readonly sources = new Set<WaitSource>();
  private readonly said = new Map<string, Said>();

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
    health: Pick<Health, 'watch'>,
    registry: Registry,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const longest = (): readonly Wait[] => this.longest();
    createGauge(registry, 'evenkeel_waiting_seconds', (gauge) => {
      gauge.reset();
      for (const { for: whom, what, forMs } of longest()) gauge.set({ for: whom, what }, forMs / 1_000);
    });
    health.watch(() =>
      this.longest()
        .filter(({ forMs, saysSo }) => forMs >= SAID_AFTER_MS && saysSo !== true)
        .map((wait) => ({ text: textOf(wait), keepsFromReady: wait.keepsFromReady === true })),
    );
  }

  /** Asks `source` from now on; returns the way to end it. */
  watch(source: WaitSource): () => void {
    this.sources.add(source);
    return () => this.sources.delete(source);
  }

  /** A wait begins now; returns the way to end it. */
  begin(
    whom: string,
    what: WaitWord,
    detail: string | (() => string),
    options: Pick<Wait, 'keepsFromReady'> = {},
  ): () => void {
    const since = this.nowMs();
    return this.watch(() => [
      {
        for: whom,
        what,
        forMs: this.nowMs() - since,
        detail: typeof detail === 'string' ? detail : detail(),
        ...options,
      },
    ]);
  }

  /** Looks once a second until the process ends; returns the way to stop it. */
  start(): () => void {
    const timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  look(): void {
    const now = this.nowMs();
    const waits = this.longest().filter(({ forMs, saysSo }) => forMs >= SAID_AFTER_MS && saysSo !== true);
    const waiting = new Set(waits.map(keyOf));
    for (const wait of waits) {
      const known = this.said.get(keyOf(wait));
      if (known !== undefined) known.forMs = wait.forMs;
      if (known !== undefined && now < known.nextMs) continue;
      const pauseMs = Math.min(SAID_EVERY_MAX_MS, (known?.pauseMs ?? SAID_AFTER_MS / 2) * 2);
      this.said.set(keyOf(wait), { nextMs: now + pauseMs, pauseMs, forMs: wait.forMs });
      const { for: whom, what, detail } = wait;
      this.logger.warn(
        { code: CODE, for: whom, what, seconds: seconds(wait), detail },
        `waiting for ${whom}: ${what}`,
      );
    }
    for (const [key, { forMs }] of this.said) {
      if (waiting.has(key)) continue;
      this.said.delete(key);
      this.logger.info({ waited: key, seconds: Math.round(forMs / 1_000) }, 'goes on');
    }
  }

  /** The oldest wait of each kind. */
  private longest(): readonly Wait[] {
    const found = new Map<string, Wait>();
    for (const source of this.sources)
      for (const wait of source()) {
        const known = found.get(keyOf(wait));
        if (known === undefined || wait.forMs > known.forMs) found.set(keyOf(wait), wait);
      }
    return [...found.values()];
  }
}

function keyOf({ for: whom, what }: Wait): string {
  return `${whom}: ${what}`;
}

function seconds({ forMs }: Wait): number {
  return Math.round(forMs / 1_000);
}

function textOf(wait: Wait): string {
  return `waiting for ${wait.for} (${wait.what}) for ${seconds(wait)} s: ${wait.detail}`;
}
