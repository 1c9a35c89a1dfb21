import { decodeCommit } from '@evenkeel/contracts';
import { FoldedCore } from '@evenkeel/engine';
import { partitionOfBook } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { Approval, RiskSnapshotTaken } from '@evenkeel/facts';
import { moneyText } from '@evenkeel/figures';
import { createProgramCore } from '@evenkeel/hedging';
import { parseContract } from '@evenkeel/instruments';
import { EvenkeelError, formatInstant, toHex } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import { epochToRead, readFrom, requireBook } from './epoch-to-read';
import type { ReadFrom } from './epoch-to-read';
import type { BookHistory, EpochHistory, HistoryRow } from './evidence-ports';
import { exposureLines } from './full-story-text';
import { momentToRead } from './moment-to-read';
import { reasonsText } from './reason-words';
import { agreementText, setAloneText, kindOf, policyRows } from './who-text';

/** A book as the journal had it at one moment. */
export interface StateAsOf {
  readonly epoch: string;
  /** Event times of the first and the newest commit of the epoch. */
  readonly eventTimes: ReadFrom['eventTimes'];
  readonly book: string;
  /** The last commit that is in this state. */
  readonly seq: number;
  readonly sha256: string;
  readonly eventTime: string;
  /** Commits folded. */
  readonly commits: number;
  readonly positions: readonly {
    readonly instrument: string;
    readonly quantity: string;
    /** What it was entered for: value at the average entry price. */
    readonly basis: string;
    /** The currency of `basis`: the contract's settlement currency. */
    readonly currency: string;
  }[];
  /** Cash by what it came from and currency. */
  readonly cash: unknown;
  /** The newest snapshot: exposures and P&L as they were then known. */
  readonly snapshot?: Pick<
    RiskSnapshotTaken,
    'snapshotId' | 'at' | 'status' | 'numeraire' | 'marks' | 'exposures' | 'pnl' | 'equity'
  >;
  readonly policy?: {
    readonly policy: string;
    readonly policyHash: string;
    readonly targetDelta: number;
    readonly approval?: Approval;
    readonly setBy: string;
    readonly setSeq: number;
  };
  readonly limits: readonly {
    readonly venue: string;
    readonly limitsVersion: string;
    readonly limits: unknown;
  }[];
  readonly openOrders: readonly {
    readonly clientOrderId: string;
    readonly instrument: string;
    readonly side: string;
    readonly remaining: string;
    readonly status: string;
  }[];
  readonly kills: readonly {
    readonly scope: string;
    readonly by: string;
    readonly reason: string;
    readonly at: string;
  }[];
  /** Why the hedge program stands still; empty while it runs. */
  readonly halts: readonly string[];
}

export interface AsOfOptions {
  readonly book: string;
  /** A sequence, or a time: then everything the journal had when market time first passed it. */
  readonly asOf: string;
  /** The newest unless told. */
  readonly epoch?: string;
}

/**
 * The state of a book at any moment, folded from the log's bytes by the cores that run it. Market data is not in the
 * journal, so prices are those of the newest snapshot. Throws what `epochToRead`, `requireBook` and `momentToRead` throw, and
 * `LEDGER.NO_SUCH_BOOK` for a moment before the book was opened.
 */
export async function stateAsOf(
  history: BookHistory,
  epochs: EpochHistory,
  options: AsOfOptions,
): Promise<StateAsOf> {
  const { book, asOf } = options;
  const found = await epochToRead(epochs, options.epoch);
  await requireBook(epochs, found, book);
  const moment = await momentToRead(epochs, found, asOf, book);
  const { epoch } = found;
  const until =
    moment.kind === 'sequence' ? moment.seq : await history.lastSequenceAt(epoch, book, moment.time);
  const rows = await history.commits(epoch, book, partitionOfBook(book), until);
  const last = rows[rows.length - 1];
  if (last === undefined) throw noSuchBook(book, asOf, epoch);
  return { ...describe(epoch, book, rows, last), eventTimes: readFrom(found).eventTimes };
}

function describe(
  epoch: string,
  book: string,
  rows: readonly HistoryRow[],
  last: HistoryRow,
): Omit<StateAsOf, 'eventTimes'> {
  const risk = new FoldedCore(createRiskCore());
  const strategy = new FoldedCore(createProgramCore());
  const execution = new FoldedCore(createOrderCore());
  let snapshot: RiskSnapshotTaken | undefined;
  let policy: { readonly approval?: Approval; readonly setBy: string; readonly setSeq: number } | undefined;
  for (const { seq, bytes } of rows) {
    const commit = decodeCommit(bytes);
    risk.take(commit);
    strategy.take(commit);
    execution.take(commit);
    for (const { event } of commit.events) {
      if (event.type === 'RiskSnapshotTaken') snapshot = event.payload;
      if (event.type !== 'PolicySet') continue;
      const { approval } = event.payload;
      policy = {
        setBy: `${commit.actor.kind}:${commit.actor.id}`,
        setSeq: seq,
        ...(approval === undefined ? {} : { approval }),
      };
    }
  }
  const held = risk.now.books[book];
  const program = strategy.now.programs[book];
  const inForce = program?.policy;
  const eventTime = formatInstant(decodeCommit(last.bytes).clock.eventTime);
  return {
    epoch,
    book,
    seq: last.seq,
    sha256: toHex(last.hash),
    eventTime,
    commits: rows.length,
    positions: Object.entries(held?.positions ?? {}).map(([instrument, position]) => ({
      instrument,
      quantity: position.quantity,
      basis: position.basis,
      currency: settlementOf(held?.specifications[instrument]),
    })),
    cash: held?.cash ?? {},
    ...(snapshot === undefined ? {} : { snapshot: briefly(snapshot) }),
    ...(inForce === null || inForce === undefined || policy === undefined
      ? {}
      : {
          policy: {
            policy: inForce.policy,
            policyHash: inForce.policyHash,
            targetDelta: inForce.targetDelta,
            ...policy,
          },
        }),
    limits: [...(execution.now.books.get(book)?.accounts.values() ?? [])].map(
      ({ venue, limitsVersion, limits }) => ({
        venue,
        limitsVersion,
        limits,
      }),
    ),
    openOrders: [...execution.now.open.values()]
      .filter((order) => order.book === book)
      .map(({ clientOrderId, instrument, side, remaining, status }) => ({
        clientOrderId,
        instrument,
        side,
        remaining: remaining.toString(),
        status,
      })),
    kills: [...execution.now.latches.values()].flat(),
    halts: Object.values(program?.halts ?? {}),
  };
}

function briefly(snapshot: RiskSnapshotTaken): NonNullable<StateAsOf['snapshot']> {
  const { snapshotId, at, status, numeraire, marks, exposures, pnl, equity } = snapshot;
  return { snapshotId, at, status, numeraire, marks, exposures, pnl, equity };
}

function settlementOf(specification: string | undefined): string {
  return specification === undefined ? '' : parseContract(specification).settlement;
}

function noSuchBook(book: string, asOf: string, epoch: string): EvenkeelError {
  return new EvenkeelError({
    code: 'LEDGER.NO_SUCH_BOOK',
    message: `epoch ${epoch} does not know ${book} yet at ${asOf}: it was opened later`,
  });
}

/** The state for a person. */
export function stateText(state: StateAsOf): string {
  const { snapshot, policy } = state;
  const lines = [
    `Book ${state.book} as of sequence ${state.seq} of epoch ${state.epoch}, event time ${state.eventTime}`,
    `  folded from ${state.commits} commits; the last has sha256 ${state.sha256}`,
    '',
    'Positions',
    ...state.positions.map(
      ({ quantity, instrument, basis, currency }) =>
        `  ${quantity} ${instrument}, entered for ${moneyText(basis, currency)}`,
    ),
    ...(state.positions.length === 0 ? ['  none'] : []),
    '',
    'Exposures',
    ...(snapshot === undefined
      ? ['  no snapshot yet']
      : [
          ...exposureLines(snapshot),
          `  as of ${snapshot.at} (${snapshot.snapshotId}), equity ${moneyText(snapshot.equity, snapshot.numeraire)}, hedged P&L ${moneyText(snapshot.pnl.hedged, snapshot.numeraire)}`,
        ]),
    '',
    'Policy',
    ...(policy === undefined
      ? ['  none']
      : [
          `  ${kindOf(policy.policy)}, target delta ${policy.targetDelta} per underlying, hash ${policy.policyHash}, sequence ${policy.setSeq}`,
          ...policyRows(policy.policy).map(([name, value]) => `    ${name} ${value}`),
          policy.approval === undefined
            ? `  ${setAloneText(policy.setBy)}`
            : `  ${agreementText(policy.approval)}`,
        ]),
    ...(state.halts.length === 0 ? [] : [`  the program stands still: ${reasonsText(state.halts)}`]),
    '',
    'Open orders',
    ...state.openOrders.map(
      (one) => `  ${one.side} ${one.remaining} ${one.instrument} ${one.status} (${one.clientOrderId})`,
    ),
    ...(state.openOrders.length === 0 ? ['  none'] : []),
    '',
    'Kills',
    ...state.kills.map(
      ({ scope, by, at, reason }) => `  ${scope} engaged by ${by} at ${at}, reason “${reason}”`,
    ),
    ...(state.kills.length === 0 ? ['  none'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
