import { execFile } from 'node:child_process';
import type { HostEnvironment } from '@evenkeel/config';
import { OperationalError } from '@evenkeel/kernel';

/** How good the host's clock is: recorded in every commit, and held to a limit where one is set. */
export interface ClockQuality {
  /** `ntp` with the measured offset, `declared` for a configured bound, `system` where nothing is known. */
  readonly source: string;
  /** The clock is off by at most this; 0 where nobody knows. */
  readonly maxErrorNs: bigint;
}

export const UNKNOWN_CLOCK: ClockQuality = { source: 'system', maxErrorNs: 0n };

/** Seconds as `chronyc` prints them. */
const SECONDS = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const FIELDS = { offset: 4, rootDelay: 10, rootDispersion: 11, leap: 13 } as const;

/**
 * Reads `chronyc -c tracking`. The bound is chrony's own: |offset| + root dispersion + half the root delay.
 * `undefined` for anything else, and while the clock is not synchronised.
 */
export function parseTracking(line: string): ClockQuality | undefined {
  const fields = line.trim().split(',');
  const numbers = [FIELDS.offset, FIELDS.rootDelay, FIELDS.rootDispersion].map((at) => {
    const text = fields[at] ?? '';
    return SECONDS.test(text) ? Number(text) : Number.NaN;
  });
  const [offset = Number.NaN, rootDelay = Number.NaN, rootDispersion = Number.NaN] = numbers;
  const bound = Math.abs(offset) + rootDispersion + rootDelay / 2;
  if (!Number.isFinite(bound) || fields[FIELDS.leap] === 'Not synchronised') return undefined;
  return {
    source: `ntp offset=${Math.round(offset * 1e9)}ns`,
    maxErrorNs: BigInt(Math.max(1, Math.ceil(bound * 1e9))),
  };
}

/** Why a clock is worse than the limit; `undefined` when it is good enough or there is no limit. */
export function clockFault(quality: ClockQuality, limitNs: bigint | undefined): OperationalError | undefined {
  if (limitNs === undefined || (quality.maxErrorNs > 0n && quality.maxErrorNs <= limitNs)) return undefined;
  const found =
    quality.maxErrorNs === 0n ? 'nobody knows how wrong it is' : `it may be off by ${quality.maxErrorNs} ns`;
  return new OperationalError({
    code: 'HOST.CLOCK_UNTRUSTED',
    message: `the clock of this machine (${quality.source}) is worse than the limit of ${limitNs} ns: ${found}`,
  });
}

export interface ClockWatchOptions {
  /** A bound that an operator vouches for (`EK_CLOCK_MAX_ERROR_NS`), where no daemon can be asked. */
  readonly declaredErrorNs?: bigint;
  /** Beyond this nothing is decided (`EK_CLOCK_LIMIT_NS`). */
  readonly limitNs?: bigint;
  /** Asks the daemon; tests plant their own. */
  readonly ask?: () => Promise<string>;
}

const INTERVAL_MS = 10_000;

/** Keeps the quality of the clock known: asked at start and every ten seconds. */
export class ClockWatch {
  private current: ClockQuality;
  private ticker: NodeJS.Timeout | undefined;
  private faulted = false;

  private onFault: (error: OperationalError) => void = () => undefined;

  constructor(private readonly options: ClockWatchOptions = {}) {
    this.current = this.fallback();
  }

  get quality(): ClockQuality {
    return this.current;
  }

  /** `onFault` is called once, with why, when the clock is worse than the limit. */
  async start(onFault: (error: OperationalError) => void): Promise<void> {
    this.onFault = onFault;
    await this.refresh();
    this.ticker = setInterval(() => void this.refresh(), INTERVAL_MS);
    this.ticker.unref();
  }

  stop(): void {
    clearInterval(this.ticker);
  }

  async refresh(): Promise<void> {
    const answer = await (this.options.ask ?? askChrony)().catch(() => '');
    this.current = parseTracking(answer) ?? this.fallback();
    const fault = clockFault(this.current, this.options.limitNs);
    if (fault === undefined || this.faulted) return;
    this.faulted = true;
    this.onFault(fault);
  }

  private fallback(): ClockQuality {
    const { declaredErrorNs } = this.options;
    return declaredErrorNs === undefined
      ? UNKNOWN_CLOCK
      : { source: 'declared', maxErrorNs: declaredErrorNs };
  }
}

function askChrony(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('chronyc', ['-c', 'tracking'], { timeout: 2_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

/** The clock's limits from the environment. */
export function clockLimits(
  environment: Pick<HostEnvironment, 'EK_CLOCK_MAX_ERROR_NS' | 'EK_CLOCK_LIMIT_NS'>,
  limitUnlessTold?: bigint,
): ClockWatchOptions {
  const { EK_CLOCK_MAX_ERROR_NS: declaredErrorNs, EK_CLOCK_LIMIT_NS: limitNs = limitUnlessTold } =
    environment;
  return {
    ...(declaredErrorNs === undefined ? {} : { declaredErrorNs }),
    ...(limitNs === undefined ? {} : { limitNs }),
  };
}
