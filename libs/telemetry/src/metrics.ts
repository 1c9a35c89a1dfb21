import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const SUB_MILLISECOND_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
];

/** What every service measures of itself. Low cardinality: no ids as labels. */
export interface ServiceMetrics {
  readonly registry: Registry;
  readonly inputs: Counter<'kind'>;
  readonly commits: Counter;
  readonly inputSeconds: Histogram<'kind'>;
  readonly lastInstant: Gauge;
  readonly halted: Gauge;
  readonly partitionsOwned: Gauge;
  readonly fenced: Counter;
  readonly busRefusals: Counter<'operation'>;
  readonly unreadable: Counter<'subject'>;
  readonly snapshots: Counter<'outcome'>;
  readonly snapshotBytes: Gauge;
  readonly snapshotSeconds: Histogram;
}

export function createMetrics(service: string): ServiceMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    inputs: new Counter({
      name: 'evenkeel_inputs_total',
      help: 'Inputs that have taken their whole effect.',
      labelNames: ['kind'],
      registers,
    }),
    commits: new Counter({
      name: 'evenkeel_commits_total',
      help: 'Commits appended to the journal.',
      registers,
    }),
    inputSeconds: new Histogram({
      name: 'evenkeel_input_seconds',
      help: 'Time from taking up an input to its last effect.',
      labelNames: ['kind'],
      buckets: SUB_MILLISECOND_BUCKETS,
      registers,
    }),
    lastInstant: new Gauge({
      name: 'evenkeel_last_instant',
      help: 'Number of the newest market instant that was settled.',
      registers,
    }),
    partitionsOwned: new Gauge({
      name: 'evenkeel_partitions_owned',
      help: 'Partitions that this process owns.',
      registers,
    }),
    fenced: new Counter({
      name: 'evenkeel_fenced_total',
      help: 'Times that this process was deposed as an owner.',
      registers,
    }),
    halted: new Gauge({ name: 'evenkeel_halted', help: '1 while a partition is halted.', registers }),
    busRefusals: new Counter({
      name: 'evenkeel_bus_refusals_total',
      help: 'Times that the NATS server did not let this process publish or subscribe.',
      labelNames: ['operation'],
      registers,
    }),
    unreadable: new Counter({
      name: 'evenkeel_unreadable_messages_total',
      help: 'Messages from outside that counted for nothing, by what they should have been.',
      labelNames: ['subject'],
      registers,
    }),
    snapshots: new Counter({
      name: 'evenkeel_state_snapshots_total',
      help: 'State snapshots by what became of them: written, failed, used, ignored (other build), refused.',
      labelNames: ['outcome'],
      registers,
    }),
    snapshotBytes: new Gauge({
      name: 'evenkeel_state_snapshot_bytes',
      help: 'Size of the newest state snapshot that was written.',
      registers,
    }),
    snapshotSeconds: new Histogram({
      name: 'evenkeel_state_snapshot_seconds',
      help: 'Time that a partition was held up while its state was written down.',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    }),
  };
}

export interface SampledGauge {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  /** Asked at each scrape. */
  readonly read: () => Promise<ReadonlyMap<string, number>>;
}

/** A gauge that is read when somebody looks. What cannot be read is absent from the page, so that its alert fires. */
export function sampleGauge(registry: Registry, { name, help, label, read }: SampledGauge): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      this.reset();
      const values = await read().catch(() => new Map<string, number>());
      for (const [key, value] of values) this.set({ [label]: key }, value);
    },
  });
}
