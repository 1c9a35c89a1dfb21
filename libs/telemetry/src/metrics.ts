import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { METRIC_TABLE } from './metric-table';
import type { MetricKind, MetricName, MetricRow } from './metric-table';

const SUB_MILLISECOND_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
];
const SNAPSHOT_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2];

type Named<K extends MetricKind> = {
  [N in MetricName]: (typeof METRIC_TABLE)[N]['kind'] extends K ? N : never;
}[MetricName];
type LabelOf<N extends MetricName> = (typeof METRIC_TABLE)[N]['labels'][number];

function described<N extends MetricName>(name: N): { name: N; help: string; labelNames: LabelOf<N>[] } {
  const { meaning, labels }: MetricRow = METRIC_TABLE[name];
  return { name, help: meaning, labelNames: [...labels] as LabelOf<N>[] }; // the row of this very name
}

export function createCounter<N extends Named<'counter'>>(registry: Registry, name: N): Counter<LabelOf<N>> {
  return new Counter({ ...described(name), registers: [registry] });
}

/** `collect` is called at each scrape, before the gauge is read. */
export function createGauge<N extends Named<'gauge'>>(
  registry: Registry,
  name: N,
  collect?: (gauge: Gauge<LabelOf<N>>) => void | Promise<void>,
): Gauge<LabelOf<N>> {
  return new Gauge({
    ...described(name),
    registers: [registry],
    ...(collect === undefined
      ? {}
      : {
          collect() {
            return collect(this);
          },
        }),
  });
}

function createHistogram<N extends Named<'histogram'>>(
  registry: Registry,
  name: N,
  buckets: number[],
): Histogram<LabelOf<N>> {
  return new Histogram({ ...described(name), buckets, registers: [registry] });
}

/** What every service measures of itself. Low cardinality: no ids as labels. */
export interface ServiceMetrics {
  readonly registry: Registry;
  readonly halted: Gauge;
  readonly busRefusals: Counter<'operation'>;
  readonly unreadable: Counter<'subject'>;
  readonly commits: Counter;
}

export function createMetrics(service: string): ServiceMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    commits: createCounter(registry, 'evenkeel_commits_total'),
    halted: createGauge(registry, 'evenkeel_halted'),
    busRefusals: createCounter(registry, 'evenkeel_bus_refusals_total'),
    unreadable: createCounter(registry, 'evenkeel_unreadable_messages_total'),
  };
}

/** What a service measures that hosts a core. */
export interface CoreMetrics {
  readonly inputs: Counter<'kind'>;
  readonly inputSeconds: Histogram<'kind'>;
  readonly partitionsOwned: Gauge;
  readonly fenced: Counter;
  readonly snapshots: Counter<'outcome'>;
  readonly snapshotBytes: Gauge;
  readonly snapshotSeconds: Histogram;
}

export function createCoreMetrics(registry: Registry): CoreMetrics {
  return {
    inputs: createCounter(registry, 'evenkeel_inputs_total'),
    inputSeconds: createHistogram(registry, 'evenkeel_input_seconds', SUB_MILLISECOND_BUCKETS),
    partitionsOwned: createGauge(registry, 'evenkeel_partitions_owned'),
    fenced: createCounter(registry, 'evenkeel_fenced_total'),
    snapshots: createCounter(registry, 'evenkeel_state_snapshots_total'),
    snapshotBytes: createGauge(registry, 'evenkeel_state_snapshot_bytes'),
    snapshotSeconds: createHistogram(registry, 'evenkeel_state_snapshot_seconds', SNAPSHOT_BUCKETS),
  };
}

type SampledName = {
  [N in Named<'gauge'>]: (typeof METRIC_TABLE)[N]['labels'] extends readonly [string] ? N : never;
}[Named<'gauge'>];

/** A gauge of one label that is read when somebody looks. What cannot be read is absent from the page, so that its alert fires. */
export function sampleGauge(
  registry: Registry,
  name: SampledName,
  read: () => Promise<ReadonlyMap<string, number>>,
): void {
  const [label] = METRIC_TABLE[name].labels;
  createGauge(registry, name, async (gauge) => {
    gauge.reset();
    const values = await read().catch(() => new Map<string, number>());
    for (const [key, value] of values) (gauge as Gauge<string>).set({ [label]: key }, value); // its only label
  });
}
