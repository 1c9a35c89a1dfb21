import { partitionOfBook } from '@evenkeel/eventing';
import type { BookOpened, HedgeDecision, PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';
import { canonicalJson } from '@evenkeel/kernel';
import type { GlanceRequest } from './at-a-glance';
import { answered } from './ports';
import type { DeskBus, RecordedBook, RecordedDesk, ServiceWord } from './ports';

const PERPETUAL = 'BTC-PERPETUAL@deribit';

function specification(instrument: string): string {
  const found = specificationOf(instrument);
  if (!found.ok) throw new Error(found.failure.message);
  return canonicalJson(found.value);
}

const OPENED: BookOpened = {
  book: 'alpha',
  numeraire: 'USD',
  at: '2026-01-05T00:00:00Z',
  planned: [],
  specifications: [specification(PERPETUAL)],
  hedgeInstruments: [PERPETUAL],
  evaluation: { priceMoveBps: '10', maxInterval: 'PT5M', maxPriceAge: 'PT10M', maxVolatilityAge: 'PT1H' },
  fileHash: 'file',
};

const POLICY: PolicySet = {
  book: 'alpha',
  at: '2026-01-05T00:00:00Z',
  policy: '{"band":"0.05","kind":"delta-band"}',
  policyHash: 'policy',
  targetDelta: '0',
  hedgeInstruments: [PERPETUAL],
  specifications: [specification(PERPETUAL)],
};

const mark = (instrument: string, price: string): RiskSnapshotTaken['marks'][number] => ({
  instrument,
  price,
  status: 'OK',
  reasons: [],
  source: 'tape',
  eventTime: '2026-01-06T12:00:00Z',
  ageSeconds: 0,
});

export const SNAPSHOT: RiskSnapshotTaken = {
  snapshotId: 'snapshot-9',
  book: 'alpha',
  numeraire: 'USD',
  at: '2026-01-06T12:00:00Z',
  trigger: 'interval',
  positionsVersion: 4,
  model: 'black-76',
  kernelHash: 'kernel',
  rate: 0,
  status: 'OK',
  reasons: [],
  marks: [mark('BTC@composite', '90000'), mark(PERPETUAL, '90010')],
  legs: [],
  unpriced: [],
  balances: [],
  exposures: [
    {
      underlying: 'BTC',
      spot: 90_000,
      spotStatus: 'OK',
      delta: 0.04,
      optionDelta: 0.5,
      balanceDelta: 0,
      hedgeDelta: -0.46,
      gamma: -0.0006,
      vega: -31_000,
      theta: 700_000,
      vanna: 0,
      volga: 0,
      volatility: 0.5,
      expiryYears: 0.05,
    },
  ],
  equity: '-310.25',
  pnl: {
    unhedged: '-120.5',
    hedged: '-310.25',
    options: '-120.5',
    hedge: '-100',
    fees: '-89.75',
    funding: '0',
    settlement: '0',
  },
};

export const DECLINED: HedgeDecision = {
  decisionId: '0f2b6c1e-0000-4000-8000-000000000001',
  book: 'alpha',
  at: '2026-01-06T11:00:00Z',
  snapshotId: 'snapshot-8',
  policyKind: 'delta-band',
  policyHash: 'policy',
  assessments: [],
  candidates: [],
  trades: [],
  checks: [
    { name: 'BTC program', limit: 'running', observed: 'running', passed: true },
    { name: 'BTC spot status', limit: 'not HALTED', observed: 'HALTED', passed: false },
  ],
  reasons: ['PRICE_HALTED'],
  quietBefore: { evaluations: 0, from: '2026-01-06T11:00:00Z', to: '2026-01-06T11:00:00Z', maxBandUse: 0 },
};

export const BOOK: RecordedBook = {
  opened: OPENED,
  policy: { set: POLICY, sequence: 3, by: 'human:ann' },
  snapshot: { taken: SNAPSHOT, sequence: 90 },
  dayStart: { at: '2026-01-05T23:55:00Z', hedged: '-300', unhedged: '-150' },
  decision: { decision: DECLINED, hedges: false, sequence: 80 },
  orders: [],
  refusals: [],
};

export const DESK: RecordedDesk = {
  epoch: '3',
  openedAt: '2026-11-30T14:00:00Z',
  from: '2026-01-05T00:00:00Z',
  eventTime: '2026-01-06T12:00:00Z',
  lastSequence: 100,
  writtenAt: '2026-11-30T14:09:59Z',
  books: [BOOK],
  halts: [],
  overrides: [],
  restrictions: [],
  proposals: [],
};

export const PARTITION = partitionOfBook('alpha');
const partition = PARTITION;
const word = (service: string, at?: string): ServiceWord => ({
  service,
  partitions: { [partition]: { seen: 90, appended: 90, ...(at === undefined ? {} : { at }) } },
});

/** A bus where everything is well. */
export const BUS: DeskBus = {
  journal: () => Promise.resolve({ epoch: '3', lastSequence: 100 }),
  takenAt: (sequence) => Promise.resolve({ sequence, at: '2026-11-30T14:09:57Z' }),
  stops: () => Promise.resolve({ inForce: [], released: [] }),
  processes: () =>
    Promise.resolve(
      ['risk', 'strategy', 'execution'].map((service) => ({
        service,
        process: `${service}-1`,
        state: 'alive' as const,
        heartbeatAgeMs: 400,
      })),
    ),
  owners: () =>
    Promise.resolve(
      ['risk', 'strategy', 'execution'].map((service) => ({ service, partition, process: `${service}-1` })),
    ),
  words: () =>
    Promise.resolve([
      { service: 'price-ingest', partitions: {}, eventTime: '2026-01-06T12:05:00Z', fraction: 0.25 },
      word('risk', '2026-01-06T12:05:00Z'),
      word('strategy'),
      word('execution', '2026-01-06T12:00:00Z'),
      { service: 'ledger', partitions: { journal: { seen: 100, appended: 0 } } },
    ]),
  deadLetters: () => Promise.resolve({ count: 0 }),
  marks: (wanted) =>
    Promise.resolve(
      wanted.map(({ instrument }) => ({
        instrument,
        price: '90100',
        status: 'OK' as const,
        reasons: [],
        source: 'tape',
        eventTime: '2026-01-06T12:05:00Z',
      })),
    ),
};

export function request(changes: Partial<GlanceRequest> = {}, desk: RecordedDesk = DESK): GlanceRequest {
  return {
    at: '2026-11-30T14:10:00Z',
    record: answered({ newest: () => Promise.resolve(desk) }),
    bus: answered(BUS),
    down: false,
    files: [],
    listenMs: 0,
    within: (answer) => answer,
    ...changes,
  };
}
