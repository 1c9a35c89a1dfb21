import { openDeribitSim, runSimScript } from '@evenkeel/adapter-venue-deribit';
import type { DeribitSim, SimAccident, SimClient, SimInstrument } from '@evenkeel/adapter-venue-deribit';

/** What the parent says: how to open the exchange, and when its life begins. */
export interface ExchangeConfig {
  readonly instruments: readonly SimInstrument[];
  readonly clients: readonly SimClient[];
  /** Added to the clock. */
  readonly clockOffsetMs: number;
  readonly stepMs: number;
  readonly seed: string;
  /** Largest move of a perpetual in one step, in ticks. */
  readonly moveMax: number;
}

export type ToExchange =
  | { readonly say: 'open'; readonly config: ExchangeConfig }
  /** The accidents are counted from now on. */
  | { readonly say: 'begin'; readonly script: readonly SimAccident[] };

export type FromExchange =
  | { readonly say: 'ready' }
  | { readonly say: 'opened'; readonly url: string }
  | { readonly say: 'accident'; readonly accident: SimAccident };

/** The local exchange as a process of its own: Deribit's protocol on a real socket, a market that moves, accidents by script. */
class ExchangeProcess {
  private sim: DeribitSim | undefined;
  private endScript: () => void = () => undefined;

  async hear(message: ToExchange): Promise<void> {
    if (message.say === 'open') return this.open(message.config);
    if (this.sim !== undefined)
      this.endScript = runSimScript(this.sim, message.script, (accident) =>
        tell({ say: 'accident', accident }),
      );
  }

  async stop(): Promise<void> {
    this.endScript();
    await this.sim?.close();
    process.exit(0);
  }

  private async open(config: ExchangeConfig): Promise<void> {
    const { instruments, clients, clockOffsetMs, stepMs, seed, moveMax } = config;
    this.sim = await openDeribitSim({
      instruments,
      clients,
      stepMs,
      flow: { seed, moveMax, lotsMax: 40_000 },
      nowMs: () => Date.now() + clockOffsetMs,
    });
    tell({ say: 'opened', url: this.sim.url });
  }
}

function tell(message: FromExchange): void {
  process.send?.(message);
}

/** Runs in the child. */
export function runExchangeProcess(): void {
  const exchange = new ExchangeProcess();
  process.on('message', (message) => {
    // our parent speaks ToExchange and nothing else
    exchange.hear(message as ToExchange).catch((error: unknown) => {
      process.stderr.write(
        `exchange: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      process.exit(1);
    });
  });
  // The parent is gone, however it went: nobody needs an exchange any more.
  process.on('disconnect', () => void exchange.stop());
  process.once('SIGTERM', () => void exchange.stop());
  process.on('SIGINT', () => undefined);
  tell({ say: 'ready' });
}

if (require.main === module) runExchangeProcess();
