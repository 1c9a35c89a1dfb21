import type { VenueQuirks, VenueSettings } from '@evenkeel/adapter-venue-sim';
import { createRunAttribution, createRunStatistics } from '@evenkeel/accounting';
import type { BookPnl, BookStatistics } from '@evenkeel/accounting';
import { viewOf } from '@evenkeel/eventing';
import { formatInstant, parseDuration, parseInstant, required } from '@evenkeel/kernel';
import type { Instant, Json } from '@evenkeel/kernel';
import { demonstrationMarket } from '@evenkeel/market';
import type { BookFile, Tape } from '@evenkeel/market';
import type { BookUnderManagement } from '@evenkeel/engine';
import { runInProcess } from '../in-process-run';
import type { LabRun } from '../in-process-run';
import { reexecuteJournal, runAgainIn } from '@evenkeel/engine';
import type { Expectation, ScenarioFile } from './scenario-file';
import { shockedTape } from './shocked-tape';

export interface ScenarioOptions {
  /** In place of the scenario's own market: its offsets count from this tape's start. */
  readonly tape?: Tape;
  /** In place of the demonstration book. */
  readonly book?: BookUnderManagement;
  readonly policy?: Json;
}

export interface ExpectationResult {
  readonly expectation: string;
  readonly observed: string;
  readonly held: boolean;
}

/** What the production code made of a stress. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly description: string;
  readonly decisionDigest: string;
  readonly statistics: BookStatistics;
  /** Where the P&L came from, and how much of it nothing explains. */
  readonly explained: BookPnl;
  /** The file's own, and two that hold of every scenario. */
  readonly expectations: readonly ExpectationResult[];
  readonly held: boolean;
}

/** Runs a scenario through the production cores. */
export function runScenario(scenario: ScenarioFile, options: ScenarioOptions = {}): ScenarioResult {
  const { seed, days } = scenario.market;
  const demonstration = demonstrationMarket(seed, days);
  const base = options.tape ?? demonstration.tape;
  const tape = shockedTape(base, scenario.shocks, scenario.scenario);
  const managed: BookUnderManagement = options.book ?? ownBook(demonstration.book);
  const venue = venueOf(scenario, tape.from);
  const run = runInProcess({
    tape,
    books: [options.policy === undefined ? managed : { ...managed, policy: options.policy }],
    journal: 'light',
    ...(venue === undefined ? {} : { venue }),
  });
  const statistics = createRunStatistics();
  const attribution = createRunAttribution();
  for (const { commit } of run.journal.all) {
    const view = viewOf(commit);
    statistics.add(view);
    attribution.add(view);
  }
  const own = required(statistics.report()[0], `the book of ${scenario.scenario}`);
  const explained = required(attribution.report()[0], `the P&L of ${scenario.scenario}`);
  const expectations = [
    ...scenario.expect.map((expectation) => judge(expectation, run, tape.from, own)),
    ...always(run),
  ];
  return {
    scenario: scenario.scenario,
    description: scenario.description,
    decisionDigest: run.decisionDigest,
    statistics: own,
    explained,
    expectations,
    held: expectations.every(({ held }) => held),
  };
}

/** Trades often, so that a stress meets orders. */
const STRESSED_POLICY: Json = { kind: 'delta-band', band: '0.05' };

function ownBook(file: BookFile): BookUnderManagement {
  return { file, source: 'the demonstration book', policy: STRESSED_POLICY };
}

function venueOf({ venue }: ScenarioFile, start: Instant): VenueSettings | undefined {
  if (venue === undefined) return undefined;
  return {
    ...(venue.latency === undefined ? {} : { latency: venue.latency }),
    ...(venue.quirks === undefined
      ? {}
      : { quirks: JSON.parse(JSON.stringify(venue.quirks)) as Partial<VenueQuirks> }), // drops absent shares
    ...(venue.outages === undefined
      ? {}
      : {
          market: {
            outages: venue.outages.map(({ from, to, kind }) => ({
              from: formatInstant(start + parseDuration(from)),
              to: formatInstant(start + parseDuration(to)),
              kind,
            })),
          },
        }),
  };
}

interface Window {
  readonly includes: (at: string) => boolean;
  readonly text: string;
}

function windowOf(start: Instant, span: { readonly from: string; readonly to: string }): Window {
  const from = start + parseDuration(span.from);
  const to = start + parseDuration(span.to);
  return {
    includes: (at) => {
      const time = parseInstant(at);
      return time >= from && time <= to;
    },
    text: `from ${span.from} to ${span.to}`,
  };
}

function judge(
  expectation: Expectation,
  run: LabRun,
  start: Instant,
  statistics: BookStatistics,
): ExpectationResult {
  if (expectation.kind === 'variance-ratio') {
    const observed = statistics.varianceRatio ?? 0;
    return {
      expectation: `variance hedged ÷ unhedged at most ${expectation.max}`,
      observed: observed.toFixed(4),
      held: observed <= expectation.max,
    };
  }
  const window = windowOf(start, expectation);
  switch (expectation.kind) {
    case 'reason': {
      const said = reasonsIn(run, window).get(expectation.reason) ?? 0;
      return {
        expectation: `a decision says ${expectation.reason} ${window.text}`,
        observed: `${said} do`,
        held: said > 0,
      };
    }
    case 'no-orders':
    case 'orders': {
      const min = expectation.kind === 'orders' ? expectation.min : 0;
      const orders = ordersIn(run, window);
      return {
        expectation: `${min === 0 ? 'no orders' : `at least ${min} orders`} ${window.text}`,
        observed: `${orders}`,
        held: min === 0 ? orders === 0 : orders >= min,
      };
    }
    case 'mean-delta': {
      const worst = meanDeltaIn(run, window);
      return {
        expectation: `time-weighted |delta| at most ${expectation.max} ${window.text}`,
        observed: worst.toFixed(4),
        held: worst <= expectation.max,
      };
    }
  }
}

function reasonsIn(run: LabRun, window: Window): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { commit } of run.journal.all) {
    for (const { event } of commit.events) {
      if (event.type !== 'HedgeDecided' && event.type !== 'HedgeDeclined') continue;
      if (!window.includes(event.payload.at)) continue;
      for (const reason of event.payload.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return counts;
}

function ordersIn(run: LabRun, window: Window): number {
  let orders = 0;
  for (const { commit } of run.journal.all)
    for (const { event } of commit.events)
      if (event.type === 'OrderIntended' && window.includes(event.payload.at)) orders += 1;
  return orders;
}

/** Each snapshot holds until the next. */
function meanDeltaIn(run: LabRun, window: Window): number {
  const tracks = new Map<string, { last: number; at: Instant; area: number; seconds: number }>();
  for (const { commit } of run.journal.all) {
    for (const { event } of commit.events) {
      if (event.type !== 'RiskSnapshotTaken' || !window.includes(event.payload.at)) continue;
      const at = parseInstant(event.payload.at);
      for (const { underlying, delta } of event.payload.exposures) {
        const track = tracks.get(underlying) ?? { last: Math.abs(delta), at, area: 0, seconds: 0 };
        const seconds = Number(at - track.at) / 1e9;
        tracks.set(underlying, {
          last: Math.abs(delta),
          at,
          area: track.area + track.last * seconds,
          seconds: track.seconds + seconds,
        });
      }
    }
  }
  return Math.max(
    0,
    ...[...tracks.values()].map(({ area, seconds, last }) => (seconds > 0 ? area / seconds : last)),
  );
}

/** What must hold under any stress: nothing is traded on a price that may not be traded on, and the record runs again. */
function always(run: LabRun): ExpectationResult[] {
  const halted = new Set<string>();
  let onHalted = 0;
  for (const { commit } of run.journal.all) {
    for (const { event } of commit.events) {
      if (event.type === 'RiskSnapshotTaken')
        for (const { underlying, spotStatus } of event.payload.exposures)
          if (spotStatus === 'HALTED') halted.add(`${event.payload.snapshotId}/${underlying}`);
      if (event.type !== 'HedgeDecided') continue;
      const { snapshotId, assessments } = event.payload;
      onHalted += assessments.filter(
        ({ underlying, exposure, exposureAfter }) =>
          exposure !== exposureAfter && halted.has(`${snapshotId}/${underlying}`),
      ).length;
    }
  }
  const { counts, divergences } = reexecuteJournal(run.journal.all);
  const { snapshots, decisions, orders } = runAgainIn(counts);
  return [
    {
      expectation: 'nothing is traded on a HALTED price',
      observed: `${onHalted} decisions do`,
      held: onHalted === 0,
    },
    {
      expectation: 'every snapshot, decision and order runs again to the same bytes',
      observed: `${snapshots}, ${decisions} and ${orders} run, ${divergences.length} differ`,
      held: divergences.length === 0,
    },
  ];
}
