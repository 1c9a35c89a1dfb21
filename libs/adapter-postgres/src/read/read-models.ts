import { mapTerms } from '@evenkeel/accounting';
import { NANOS_PER_DAY, NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import type { Prisma, PrismaClient } from '../generated/prisma/client';
import type { DecisionFilter, DecisionSummary } from './decision-views';
import type {
  AccountBalance,
  ExplainedPnlView,
  FillView,
  HaltView,
  IncidentView,
  OrderView,
  PnlView,
  PositionView,
  ReadFilter,
} from './read-views';

const LIMIT = 1_000;
const DECISIONS = 100;

/** What the desk reads. Everything here follows from the commit log and may be a moment behind it. */
export class ReadModels {
  private client: Promise<PrismaClient> | undefined;

  constructor(private readonly pool: Pool) {}

  /** Loaded on first use: commands and services that read nothing should not wait for it. */
  private prisma(): Promise<PrismaClient> {
    this.client ??= this.load();
    return this.client;
  }

  private async load(): Promise<PrismaClient> {
    const [client, adapter] = await Promise.all([
      import('../generated/prisma/client'),
      import('@prisma/adapter-pg'),
    ]);
    return new client.PrismaClient({ adapter: new adapter.PrismaPg(this.pool) });
  }

  /** What is held now, in the order in which it last changed. */
  async positions(filter: ReadFilter): Promise<readonly PositionView[]> {
    const rows = await (
      await this.prisma()
    ).position.findMany({
      where: held(filter),
      orderBy: { changedSeq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      book: row.book,
      instrument: row.instrument,
      quantity: row.quantity.toFixed(),
      averagePrice: row.averagePrice?.toFixed(),
      changedAt: row.changedAt.toISOString(),
      changedSeq: Number(row.changedSeq),
    }));
  }

  async orders(
    filter: ReadFilter & { readonly status?: string; readonly decisionId?: string },
  ): Promise<readonly OrderView[]> {
    const rows = await (
      await this.prisma()
    ).order.findMany({
      where: {
        ...scope(filter),
        ...period('intendedAt', filter),
        ...(filter.status === undefined ? {} : { status: filter.status }),
        ...(filter.decisionId === undefined ? {} : { decisionId: filter.decisionId }),
      },
      orderBy: { intendedSeq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      clientOrderId: row.clientOrderId,
      decisionId: row.decisionId,
      book: row.book,
      instrument: row.instrument,
      side: row.side,
      quantity: row.quantity.toFixed(),
      remaining: row.remaining.toFixed(),
      filled: row.filled.toFixed(),
      status: row.status,
      reasons: row.reasons,
      intendedAt: row.intendedAt.toISOString(),
      intendedSeq: Number(row.intendedSeq),
    }));
  }

  async fills(filter: ReadFilter): Promise<readonly FillView[]> {
    const rows = await (
      await this.prisma()
    ).fill.findMany({
      where: { ...scope(filter), ...period('at', filter) },
      orderBy: { seq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      seq: Number(row.seq),
      clientOrderId: row.clientOrderId,
      fillId: row.fillId,
      book: row.book,
      instrument: row.instrument,
      quantity: row.quantity.toFixed(),
      price: row.price.toFixed(),
      fee: row.fee.toFixed(),
      feeCurrency: row.feeCurrency,
      at: row.at.toISOString(),
      bustedAt: row.bustedAt?.toISOString(),
      bustReason: row.bustReason ?? undefined,
    }));
  }

  async pnl(filter: ReadFilter): Promise<readonly PnlView[]> {
    const rows = await (
      await this.prisma()
    ).pnlSnapshot.findMany({
      where: { ...scope(filter), ...period('at', filter) },
      orderBy: { seq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      seq: Number(row.seq),
      snapshotId: row.snapshotId,
      book: row.book,
      at: row.at.toISOString(),
      trigger: row.trigger,
      equity: row.equity.toFixed(),
      hedged: row.hedged.toFixed(),
      unhedged: row.unhedged.toFixed(),
      fees: row.fees.toFixed(),
      funding: row.funding.toFixed(),
    }));
  }

  /** By day, book and underlying, in that order, all of them unless a limit is set; whole days, also those that a period only touches. */
  async explained(filter: ReadFilter): Promise<readonly ExplainedPnlView[]> {
    const rows = await (
      await this.prisma()
    ).explainedPnl.findMany({
      where: { ...scope(filter), ...days(filter) },
      orderBy: [{ day: 'desc' }, { book: 'desc' }, { underlying: 'desc' }],
      ...(filter.limit === undefined ? {} : { take: filter.limit }),
    });
    return rows.reverse().map(({ changedSeq: _, epoch, book, numeraire, day, underlying, ...amounts }) => ({
      epoch,
      book,
      numeraire,
      day: day.toISOString().slice(0, 'YYYY-MM-DD'.length),
      underlying,
      ...mapTerms(amounts, (amount) => amount.toFixed()),
      total: amounts.total.toFixed(),
      gross: amounts.gross.toFixed(),
      unexplained: amounts.unexplained.toFixed(),
    }));
  }

  async incidents(filter: ReadFilter): Promise<readonly IncidentView[]> {
    const rows = await (
      await this.prisma()
    ).incident.findMany({
      where: { ...scope(filter), ...period('at', filter) },
      orderBy: { seq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      seq: Number(row.seq),
      type: row.type,
      severity: row.severity,
      subject: row.subject,
      book: row.book,
      at: row.at.toISOString(),
      reasons: row.reasons,
    }));
  }

  /** What stands still now, in the order in which it came to stand. */
  async halts(filter: ReadFilter): Promise<readonly HaltView[]> {
    const rows = await (
      await this.prisma()
    ).halt.findMany({
      where: halted(filter),
      orderBy: { changedSeq: 'desc' },
      take: filter.limit ?? LIMIT,
    });
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      book: row.book,
      kind: row.kind,
      subject: row.subject,
      reasons: row.reasons,
      since: row.changedAt.toISOString(),
      seq: Number(row.changedSeq),
    }));
  }

  /** Decisions to hedge and not to hedge, in order of the log, each with the orders that came of it. */
  async decisions(filter: DecisionFilter): Promise<readonly DecisionSummary[]> {
    const prisma = await this.prisma();
    const rows = await prisma.decision.findMany({
      where: decided(filter),
      omit: { assessments: true },
      orderBy: { seq: 'desc' },
      take: filter.limit ?? DECISIONS,
    });
    const orders = await prisma.order.findMany({
      where: { epoch: filter.epoch, decisionId: { in: rows.map(({ decisionId }) => decisionId) } },
      select: { decisionId: true, clientOrderId: true, status: true, filled: true },
      orderBy: { intendedSeq: 'asc' },
    });
    const ordersOf = (row: (typeof rows)[number]): DecisionSummary['orders'] =>
      orders
        .filter(({ decisionId }) => decisionId === row.decisionId)
        .map(({ clientOrderId, status, filled }) => ({ clientOrderId, status, filled: filled.toFixed() }));
    return rows.reverse().map((row) => ({
      epoch: row.epoch,
      seq: Number(row.seq),
      decisionId: row.decisionId,
      book: row.book,
      at: row.at.toISOString(),
      outcome: row.outcome,
      policyKind: row.policyKind,
      reasons: row.reasons,
      trades: tradesIn(row.trades),
      quietEvaluations: row.quietEvaluations,
      orders: ordersOf(row),
    }));
  }

  /** Every reason and every instrument that a decision of these epochs names. */
  async decisionNames(
    epochs: readonly string[],
  ): Promise<{ readonly reasons: readonly string[]; readonly instruments: readonly string[] }> {
    const prisma = await this.prisma();
    const rows = await prisma.decision.findMany({
      where: { epoch: { in: [...epochs] } },
      select: { reasons: true, instruments: true },
      distinct: ['reasons', 'instruments'],
    });
    const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
    return {
      reasons: sorted(rows.flatMap(({ reasons }) => reasons)),
      instruments: sorted(rows.flatMap(({ instruments }) => instruments)),
    };
  }

  async balances(filter: Pick<ReadFilter, 'epoch' | 'book'>): Promise<readonly AccountBalance[]> {
    const rows = await (
      await this.prisma()
    ).posting.groupBy({
      by: ['book', 'account', 'currency'],
      where: scope(filter),
      _sum: { amount: true },
      orderBy: [{ book: 'asc' }, { account: 'asc' }, { currency: 'asc' }],
    });
    return rows.map((row) => ({
      epoch: filter.epoch,
      book: row.book,
      account: row.account,
      currency: row.currency,
      balance: row._sum.amount?.toFixed() ?? '0',
    }));
  }

  /** How many rows of a list match, whatever its limit. */
  async count(what: CountedList, filter: DecisionFilter): Promise<number> {
    const prisma = await this.prisma();
    switch (what) {
      case 'decisions':
        return prisma.decision.count({ where: decided(filter) });
      case 'positions':
        return prisma.position.count({ where: held(filter) });
      case 'orders':
        return prisma.order.count({ where: { ...scope(filter), ...period('intendedAt', filter) } });
      case 'fills':
        return prisma.fill.count({ where: { ...scope(filter), ...period('at', filter) } });
      case 'pnl':
        return prisma.pnlSnapshot.count({ where: { ...scope(filter), ...period('at', filter) } });
      case 'explained':
        return prisma.explainedPnl.count({ where: { ...scope(filter), ...days(filter) } });
      case 'incidents':
        return prisma.incident.count({ where: { ...scope(filter), ...period('at', filter) } });
      case 'halts':
        return prisma.halt.count({ where: halted(filter) });
    }
  }

  /** The pool stays open: it belongs to whoever made it. */
  async close(): Promise<void> {
    await (await this.client)?.$disconnect();
  }
}

/** The lists that a limit can cut short. */
export type CountedList =
  'decisions' | 'positions' | 'orders' | 'fills' | 'pnl' | 'explained' | 'incidents' | 'halts';

/** `ReadModels.decisions` for whoever reads nothing else. */
export async function listDecisions(pool: Pool, filter: DecisionFilter): Promise<readonly DecisionSummary[]> {
  const models = new ReadModels(pool);
  try {
    return await models.decisions(filter);
  } finally {
    await models.close();
  }
}

function tradesIn(trades: Prisma.JsonValue): DecisionSummary['trades'] {
  return trades as unknown as DecisionSummary['trades']; // written by the projector from the decision's own trades
}

function decided(filter: DecisionFilter): Prisma.DecisionWhereInput {
  return {
    ...scope(filter),
    ...period('at', filter),
    ...(filter.outcome === undefined ? {} : { outcome: filter.outcome }),
    ...(filter.reason === undefined ? {} : { reasons: { has: filter.reason } }),
    ...(filter.instrument === undefined ? {} : { instruments: { has: filter.instrument } }),
  };
}

function held(filter: ReadFilter): Prisma.PositionWhereInput {
  return { ...scope(filter), quantity: { not: 0 } };
}

function halted(filter: ReadFilter): Prisma.HaltWhereInput {
  return { ...scope(filter), ...period('changedAt', filter), halted: true };
}

function scope({ epoch, book }: Pick<ReadFilter, 'epoch' | 'book'>): { epoch: string; book?: string } {
  return { epoch, ...(book === undefined ? {} : { book }) };
}

type Range<C extends string> = Partial<Record<C, { gte?: Date; lt?: Date }>>;

/** To the millisecond that a `Date` has: what the period touches. */
function period<C extends string>(column: C, { from, to }: ReadFilter): Range<C> {
  if (from === undefined && to === undefined) return {};
  const range = {
    ...(from === undefined ? {} : { gte: dateOf(from) }),
    ...(to === undefined ? {} : { lt: dateOf(to + NANOS_PER_MILLISECOND - 1n) }),
  };
  return { [column]: range } as Range<C>; // a computed key widens to string
}

function days({ from, to, ...filter }: ReadFilter): Range<'day'> {
  return period('day', {
    ...filter,
    ...(from === undefined ? {} : { from: from - (from % NANOS_PER_DAY) }),
    ...(to === undefined ? {} : { to: to - 1n - ((to - 1n) % NANOS_PER_DAY) + NANOS_PER_DAY }),
  });
}

function dateOf(instant: Instant): Date {
  return new Date(Number(instant / NANOS_PER_MILLISECOND));
}
