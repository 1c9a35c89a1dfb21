import type {
  CumulativePnl,
  DeskRecord,
  OpenProposal,
  OrderAliveOnRecord,
  OverrideInForce,
  RecordedBook,
  RecordedDesk,
  RecordedHalt,
  RefusedOrders,
  Restriction,
} from '@evenkeel/desk';
import type { Commit } from '@evenkeel/eventing';
import { OUTCOME_UNKNOWN } from '@evenkeel/facts';
import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { formatInstant, required } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import { PASSED_OVER } from '../ledger/passed-over';

/** Partitions are at different times: the newest event time is among the last few commits. */
const NEWEST_OF = 64;
/** An order that was given up is watched for as long as its record is kept: a day of event time. */
const GIVEN_UP = `status = 'EXPIRED' AND $3 = ANY(reasons) AND changed_at > $2::timestamptz - interval '1 day'`;

interface EpochPlace {
  readonly epoch: string;
  readonly seq: number;
  readonly updatedAt: Date;
}

/**
 * The newest epoch by its read models, which say where to look, and by the commits there, which say it. What a snapshot or a
 * decision held is read from its own bytes.
 */
export class LedgerDesk implements DeskRecord {
  constructor(private readonly pool: Pool) {}

  async newest(): Promise<RecordedDesk | undefined> {
    const place = await this.newestEpoch();
    if (place === undefined) return undefined;
    const { epoch, seq: lastSequence, updatedAt } = place;
    const first = await this.firstCommit(epoch);
    const eventTime = await this.eventTime(epoch);
    const carriedFrom = await this.carriedFrom(epoch);
    const [books, halts, overrides, restrictions, proposals] = await Promise.all([
      this.books(epoch, carriedFrom, eventTime),
      this.halts(epoch),
      this.overrides(epoch),
      this.restrictions(epoch),
      this.proposals(epoch),
    ]);
    return {
      epoch,
      ...(carriedFrom === undefined ? {} : { carriedFrom }),
      openedAt: formatInstant(first.clock.decidedTime),
      from: formatInstant(first.clock.eventTime),
      eventTime,
      lastSequence,
      writtenAt: updatedAt.toISOString(),
      books,
      halts,
      overrides,
      restrictions,
      proposals,
    };
  }

  /** Epochs count upwards; one without a commit is not begun. */
  private async newestEpoch(): Promise<EpochPlace | undefined> {
    const { rows } = await this.pool.query<EpochPlace>(
      `SELECT epoch, seq, updated_at AS "updatedAt" FROM ledger.checkpoint WHERE seq > 0
        ORDER BY epoch::numeric DESC LIMIT 1`,
    );
    return rows[0];
  }

  private async firstCommit(epoch: string): Promise<Commit> {
    return required((await this.commits(epoch, [1])).get(1), `the first commit of epoch ${epoch}`);
  }

  private async eventTime(epoch: string): Promise<string> {
    const { rows } = await this.pool.query<{ at: string }>(
      `SELECT max((decoded->'clock'->>'eventTime')::numeric)::text AS at FROM
         (SELECT decoded FROM ledger.commit_log WHERE epoch = $1 AND aggregate NOT LIKE $2
           ORDER BY seq DESC LIMIT ${NEWEST_OF}) newest`,
      [epoch, `${PASSED_OVER}%`],
    );
    return formatInstant(BigInt(required(rows[0], 'an aggregate has a row').at));
  }

  private async carriedFrom(epoch: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ seq: number }>(
      `SELECT seq FROM ledger.commit_log WHERE epoch = $1 AND aggregate = $2 LIMIT 1`,
      [epoch, `governance/epoch/${epoch}`],
    );
    const found = rows[0];
    if (found === undefined) return undefined;
    const commit = (await this.commits(epoch, [found.seq])).get(found.seq);
    return eventIn(commit, 'EpochCarried')?.fromEpoch;
  }

  private async books(
    epoch: string,
    carriedFrom: string | undefined,
    eventTime: string,
  ): Promise<readonly RecordedBook[]> {
    const { rows } = await this.pool.query<BookPlaces>(
      `SELECT b.book, b.opened_seq AS opened,
              (SELECT max(version) FROM ledger.commit_log WHERE epoch = b.epoch AND aggregate = 'risk/book/' || b.book) AS version,
              (SELECT seq FROM read_v2.policies WHERE epoch = b.epoch AND book = b.book ORDER BY seq DESC LIMIT 1) AS policy,
              (SELECT seq FROM read_v2.pnl WHERE epoch = b.epoch AND book = b.book ORDER BY seq DESC LIMIT 1) AS snapshot,
              (SELECT seq FROM read_v2.decisions WHERE epoch = b.epoch AND book = b.book ORDER BY at DESC, seq DESC LIMIT 1) AS decision
         FROM read_v2.books b WHERE b.epoch = $1 ORDER BY b.opened_seq, b.book`,
      [epoch],
    );
    const commits = await this.commits(
      epoch,
      rows.flatMap(({ opened, policy, snapshot, decision }) =>
        [opened, policy, snapshot, decision].filter((seq) => seq !== null),
      ),
    );
    return Promise.all(rows.map((places) => this.bookAt(epoch, carriedFrom, eventTime, places, commits)));
  }

  private async bookAt(
    epoch: string,
    carriedFrom: string | undefined,
    eventTime: string,
    places: BookPlaces,
    commits: ReadonlyMap<number, Commit>,
  ): Promise<RecordedBook> {
    const { book } = places;
    const at = (seq: number | null): Commit | undefined => (seq === null ? undefined : commits.get(seq));
    const opened = required(bookOf(at(places.opened), 'BookOpened', book), `the opening of ${book}`);
    const set = bookOf(at(places.policy), 'PolicySet', book);
    const snapshot = bookOf(at(places.snapshot), 'RiskSnapshotTaken', book);
    const epochs = carriedFrom === undefined ? [epoch] : [epoch, carriedFrom];
    const [closedAt, dayStart, epochStart, orders, refusals] = await Promise.all([
      this.closedAt(epoch, book, places.version),
      snapshot === undefined
        ? undefined
        : this.pnlBefore(epochs, book, `${snapshot.at.slice(0, 10)}T00:00:00Z`),
      carriedFrom === undefined ? undefined : this.pnlBefore([carriedFrom], book, 'infinity'),
      this.ordersAlive(epoch, book, eventTime),
      this.refusals(epoch, book, places.decision),
    ]);
    return {
      opened,
      ...(closedAt === undefined ? {} : { closedAt }),
      ...(set === undefined ? {} : { policy: { set, ...placeOf(at(places.policy), places.policy) } }),
      ...(snapshot === undefined ? {} : { snapshot: { taken: snapshot, sequence: Number(places.snapshot) } }),
      ...(dayStart === undefined ? {} : { dayStart }),
      ...(epochStart === undefined ? {} : { epochStart }),
      ...decisionIn(at(places.decision), book, places.decision),
      orders,
      refusals,
    };
  }

  /** A book that is closed says nothing after that. */
  private async closedAt(epoch: string, book: string, version: number | null): Promise<string | undefined> {
    if (version === null) return undefined;
    const { rows } = await this.pool.query<{ seq: number }>(
      `SELECT seq FROM ledger.commit_log WHERE epoch = $1 AND aggregate = 'risk/book/' || $2 AND version = $3`,
      [epoch, book, version],
    );
    const seq = rows[0]?.seq;
    const commit = seq === undefined ? undefined : (await this.commits(epoch, [seq])).get(seq);
    return bookOf(commit, 'BookClosed', book)?.at;
  }

  private async pnlBefore(
    epochs: readonly string[],
    book: string,
    time: string,
  ): Promise<CumulativePnl | undefined> {
    for (const epoch of epochs) {
      const { rows } = await this.pool.query<{ at: Date; hedged: string; unhedged: string }>(
        `SELECT at, hedged::text AS hedged, unhedged::text AS unhedged FROM read_v2.pnl
          WHERE epoch = $1 AND book = $2 AND at < $3::timestamptz ORDER BY seq DESC LIMIT 1`,
        [epoch, book, time],
      );
      const found = rows[0];
      if (found !== undefined) return { ...found, at: found.at.toISOString() };
    }
    return undefined;
  }

  private async ordersAlive(
    epoch: string,
    book: string,
    eventTime: string,
  ): Promise<readonly OrderAliveOnRecord[]> {
    const { rows } = await this.pool.query<OrderRow>(
      `SELECT client_order_id AS "clientOrderId", decision_id AS "decisionId", coalesce(venue, '') AS venue, instrument, side,
              quantity::text AS quantity, remaining::text AS remaining, coalesce(limit_price::text, '') AS "limitPrice",
              time_in_force = 'POST_ONLY' AS resting, status, intended_at AS "intendedAt"
         FROM read_v2.orders
        WHERE epoch = $1 AND book = $4 AND
              (status IN ('INTENDED', 'ACKNOWLEDGED', 'UNRESOLVED', 'PARTIALLY_FILLED') OR (${GIVEN_UP}))
        ORDER BY intended_seq`,
      [epoch, eventTime, OUTCOME_UNKNOWN, book],
    );
    return rows.map(({ intendedAt, status, resting, ...order }) => ({
      ...order,
      resting: resting === true,
      status: status === 'EXPIRED' ? 'UNKNOWN' : status,
      since: intendedAt.toISOString(),
    }));
  }

  private async refusals(
    epoch: string,
    book: string,
    afterSeq: number | null,
  ): Promise<readonly RefusedOrders[]> {
    const { rows } = await this.pool.query<Omit<RefusedOrders, 'at'> & { readonly at: Date }>(
      `SELECT instrument, reasons, count(*)::integer AS count, max(changed_at) AS at FROM read_v2.orders
        WHERE epoch = $1 AND book = $2 AND status = 'REFUSED' AND changed_seq > $3
        GROUP BY instrument, reasons ORDER BY count DESC, instrument, reasons`,
      [epoch, book, afterSeq ?? 0],
    );
    return rows.map(({ at, ...refused }) => ({ ...refused, at: at.toISOString() }));
  }

  private async halts(epoch: string): Promise<readonly RecordedHalt[]> {
    const { rows } = await this.pool.query<HaltRow>(
      `SELECT book, kind, subject, reasons, changed_by AS by, changed_at AS since, changed_seq AS seq
         FROM read_v2.halts WHERE epoch = $1 AND halted ORDER BY changed_seq, kind, subject`,
      [epoch],
    );
    const commits = await this.commits(
      epoch,
      rows.filter(({ kind }) => kind === 'kill').map(({ seq }) => seq),
    );
    return rows.map(({ seq, by, since, ...halt }) => {
      const engagement = eventIn(commits.get(seq), 'KillEngaged')?.engagement;
      return {
        ...halt,
        ...(by === null ? {} : { by }),
        since: since.toISOString(),
        ...(engagement === undefined ? {} : { engagement }),
      };
    });
  }

  private async overrides(epoch: string): Promise<readonly OverrideInForce[]> {
    const { rows } = await this.pool.query<OverrideRow>(
      `SELECT override_id AS "overrideId", book, control, instrument, up_to AS "upTo", granted_by AS by, reason,
              granted_at AS "grantedAt", expires_at AS "expiresAt"
         FROM read_v2.overrides WHERE epoch = $1 AND ended_at IS NULL ORDER BY granted_at, override_id`,
      [epoch],
    );
    return rows.map(({ instrument, upTo, grantedAt, expiresAt, ...override }) => ({
      ...override,
      ...(instrument === null ? {} : { instrument }),
      ...(upTo === null ? {} : { upTo }),
      grantedAt: grantedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
  }

  /** What people forbade, and what the limits in force name. */
  private async restrictions(epoch: string): Promise<readonly Restriction[]> {
    const { rows } = await this.pool.query<Omit<Restriction, 'since'> & { since: Date }>(
      `SELECT book, instrument, changed_by AS by, reason, changed_at AS since FROM read_v2.restrictions
        WHERE epoch = $1 AND restricted
       UNION ALL
       SELECT l.book, named.instrument, 'limits ' || left(l.limits_version, 12), 'named by the limits of ' || l.venue, l.at
         FROM (SELECT DISTINCT ON (book, venue) book, venue, limits_version, limits, at FROM read_v2.limits
                WHERE epoch = $1 AND outcome <> 'REFUSED' ORDER BY book, venue, seq DESC) l,
              jsonb_array_elements_text(coalesce(l.limits->'restrictedInstruments', '[]'::jsonb)) AS named(instrument)
        ORDER BY 1, 2, 3`,
      [epoch],
    );
    return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
  }

  private async proposals(epoch: string): Promise<readonly OpenProposal[]> {
    const { rows } = await this.pool.query<ProposalRow>(
      `SELECT proposal_id AS "proposalId", kind, scope, reason, proposed_by AS "proposedBy", proposed_at AS "proposedAt",
              expires_at AS "expiresAt"
         FROM read_v2.proposals WHERE epoch = $1 AND status = 'PROPOSED' ORDER BY proposed_at, proposal_id`,
      [epoch],
    );
    return rows.map((row) => ({
      ...row,
      proposedAt: row.proposedAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
    }));
  }

  private async commits(epoch: string, seqs: readonly number[]): Promise<ReadonlyMap<number, Commit>> {
    if (seqs.length === 0) return new Map();
    const { rows } = await this.pool.query<{ seq: number; bytes: Buffer }>(
      'SELECT seq, bytes FROM ledger.commit_log WHERE epoch = $1 AND seq = ANY($2)',
      [epoch, [...new Set(seqs)]],
    );
    return new Map(rows.map(({ seq, bytes }) => [seq, ledgerCommitOf(epoch, seq, bytes).commit]));
  }
}

interface BookPlaces {
  readonly book: string;
  readonly opened: number;
  readonly version: number | null;
  readonly policy: number | null;
  readonly snapshot: number | null;
  readonly decision: number | null;
}

interface OrderRow extends Omit<OrderAliveOnRecord, 'since' | 'resting'> {
  readonly resting: boolean | null;
  readonly intendedAt: Date;
}

interface HaltRow extends Omit<RecordedHalt, 'by' | 'since' | 'engagement'> {
  readonly by: string | null;
  readonly since: Date;
  readonly seq: number;
}

interface OverrideRow {
  readonly overrideId: string;
  readonly book: string;
  readonly control: string;
  readonly instrument: string | null;
  readonly upTo: string | null;
  readonly by: string;
  readonly reason: string;
  readonly grantedAt: Date;
  readonly expiresAt: Date;
}

interface ProposalRow extends Omit<OpenProposal, 'proposedAt' | 'expiresAt'> {
  readonly proposedAt: Date;
  readonly expiresAt: Date;
}

function eventIn<T extends EventType>(
  commit: Commit | undefined,
  type: T,
  isIt: (event: DomainEvent) => boolean = () => true,
): EventOf<T>['payload'] | undefined {
  const found = commit?.events.filter(({ event }) => event.type === type && isIt(event)).at(-1);
  return found?.event.payload as EventOf<T>['payload'] | undefined; // narrowed by its type
}

/** The newest such event about a book: a commit may hold several books' first facts. */
function bookOf<T extends EventType>(
  commit: Commit | undefined,
  type: T,
  book: string,
): EventOf<T>['payload'] | undefined {
  return eventIn(commit, type, ({ payload }) => 'book' in payload && payload.book === book);
}

function placeOf(
  commit: Commit | undefined,
  seq: number | null,
): { readonly sequence: number; readonly by: string } {
  const { actor } = required(commit, 'the commit of a policy');
  return { sequence: Number(seq), by: `${actor.kind}:${actor.id}` };
}

function decisionIn(
  commit: Commit | undefined,
  book: string,
  seq: number | null,
): Pick<RecordedBook, 'decision'> {
  const hedged = bookOf(commit, 'HedgeDecided', book);
  const decision = hedged ?? bookOf(commit, 'HedgeDeclined', book);
  if (decision === undefined) return {};
  return { decision: { decision, hedges: hedged !== undefined, sequence: Number(seq) } };
}
