import type { Commit } from '@evenkeel/eventing';
import type { Context } from '@evenkeel/facts';

/** What a context takes in, and who speaks for it. */
export interface ContextRules {
  /** Contexts whose commits, of the same partition, it hears. */
  readonly reads: readonly Context[];
  /** It takes the instants of the market, and hears a commit only after the market of the commit's time. */
  readonly followsMarket: boolean;
  /** It may ask to be woken at an event time. */
  readonly wakes: boolean;
  /** A core, hosted by the service of the same name, whose settling event time waits for. */
  readonly core: boolean;
}

const SPEAKS_ONLY = { reads: [], followsMarket: false, wakes: false, core: false } as const;

/** Who hears whom. The only place that says so: services, lab, recovery, replays and bundle checks read it here. */
export const TOPOLOGY: Readonly<Record<Context, ContextRules>> = {
  // Marks carry what price-ingest finds; its facts on the journal are for the record.
  price: SPEAKS_ONLY,
  // People, through the desk. They speak when they like, so nothing waits for them.
  governance: SPEAKS_ONLY,
  risk: { reads: ['execution', 'governance'], followsMarket: true, wakes: false, core: true },
  strategy: { reads: ['risk', 'execution', 'governance'], followsMarket: false, wakes: false, core: true },
  execution: { reads: ['risk', 'strategy', 'governance'], followsMarket: true, wakes: true, core: true },
};

/** Contexts with a core, in the order in which an instant is shown to them. */
export const CORES = ['risk', 'strategy', 'execution'] as const satisfies readonly Context[];

export type CoreContext = (typeof CORES)[number];

/** A commit is an input of this context's core. */
export function hears(context: Context, { aggregate }: Pick<Commit, 'aggregate'>): boolean {
  return TOPOLOGY[context].reads.includes(aggregate.context);
}
