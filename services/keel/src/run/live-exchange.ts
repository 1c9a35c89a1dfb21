import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import { required } from '@evenkeel/kernel';
import type { Accident, RunningExchange } from '@evenkeel/venues';

/** How an exchange is reached. */
export type WaysIn = Pick<RunningExchange, 'url' | 'feeds' | 'access'>;

export type ToExchange =
  /** Whose exchange, and how to open it, as its own adapter prepared it. */
  | { readonly say: 'open'; readonly venue: string; readonly config: unknown }
  /** The accidents are counted from now on. */
  | { readonly say: 'begin'; readonly script: readonly Accident[] };

export type FromExchange =
  | { readonly say: 'ready' }
  | ({ readonly say: 'opened' } & WaysIn)
  | { readonly say: 'accident'; readonly accident: Accident };

/** An exchange of ours as a process of its own: its protocol on a real socket, a market that moves, accidents by script. */
class ExchangeProcess {
  private exchange: RunningExchange | undefined;
  private endScript: () => void = () => undefined;

  async hear(message: ToExchange): Promise<void> {
    if (message.say === 'open') return this.open(message.venue, message.config);
    if (this.exchange !== undefined)
      this.endScript = this.exchange.play(message.script, (accident) => tell({ say: 'accident', accident }));
  }

  async stop(): Promise<void> {
    this.endScript();
    await this.exchange?.close();
    process.exit(0);
  }

  private async open(venue: string, config: unknown): Promise<void> {
    const local = required(LIVE_VENUES.get(venue)?.local, `the local exchange of ${venue}`);
    this.exchange = await local.open(config);
    const { url, feeds, access } = this.exchange;
    tell({ say: 'opened', url, feeds, access });
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
