import { mapTerms } from '@evenkeel/accounting';
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

  async positions(filter: ReadFilter = {}): Promise<readonly PositionView[]> {
    const rows = await (
      await this.prisma()
    ).position.findMany({
      where: { ...scope(filter), quantity: { not: 0 } },
      orderBy: [{ epoch: 'asc' }, { book: 'asc' }, { instrument: 'asc' }],
      take: filter.limit ?? LIMIT,
    });
    return rows.map((row) => ({
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
    filter: ReadFilter & { readonly status?: string; readonly decisionId?: string } = {},
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

  async fills(filter: ReadFilter = {}): Promise<readonly FillView[]> {
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

  async pnl(filter: ReadFilter = {}): Promise<readonly PnlView[]> {
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

  /** By book, day and underlying, in that order, all of them unless a limit is set; `from` and `to` are days. */
  async explained(filter: ReadFilter = {}): Promise<readonly ExplainedPnlView[]> {
    const rows = await (
      await this.prisma()
    ).explainedPnl.findMany({
      where: { ...scope(filter), ...period('day', filter) },
      orderBy: [{ epoch: 'desc' }, { day: 'desc' }, { book: 'desc' }, { underlying: 'desc' }],
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

  async incidents(filter: ReadFilter = {}): Promise<readonly IncidentView[]> {
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

  /** What stands still now. */
  async halts(filter: ReadFilter = {}): Promise<readonly HaltView[]> {
    const rows = await (
      await this.prisma()
    ).halt.findMany({
      where: { ...scope(filter), ...period('changedAt', filter), halted: true },
      orderBy: [{ epoch: 'asc' }, { book: 'asc' }, { kind: 'asc' }, { subject: 'asc' }],
      take: filter.limit ?? LIMIT,
    });
    return rows.map((row) => ({
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
  async decisions(filter: DecisionFilter = {}): Promise<readonly DecisionSummary[]> {
    const prisma = await this.prisma();
    const direction = filter.newestFirst === true ? 'desc' : 'asc';
    const rows = await prisma.decision.findMany({
      where: {
        ...scope(filter),
        ...period('at', filter),
        ...(filter.outcome === undefined ? {} : { outcome: filter.outcome }),
        ...(filter.reason === undefined ? {} : { reasons: { has: filter.reason } }),
        ...(filter.instrument === undefined ? {} : { instruments: { has: filter.instrument } }),
      },
      omit: { assessments: true },
      orderBy: [{ epoch: direction }, { seq: direction }],
      take: filter.limit ?? DECISIONS,
    });
    const orders = await prisma.order.findMany({
      where: {
        epoch: { in: [...new Set(rows.map(({ epoch }) => epoch))] },
        decisionId: { in: rows.map(({ decisionId }) => decisionId) },
      },
      select: { epoch: true, decisionId: true, clientOrderId: true, status: true, filled: true },
      orderBy: { intendedSeq: 'asc' },
    });
    const ordersOf = (row: (typeof rows)[number]): DecisionSummary['orders'] =>
      orders
        .filter(({ epoch, decisionId }) => epoch === row.epoch && decisionId === row.decisionId)
        .map(({ clientOrderId, status, filled }) => ({ clientOrderId, status, filled: filled.toFixed() }));
    return rows.map((row) => ({
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

  async balances(filter: Pick<ReadFilter, 'epoch' | 'book'> = {}): Promise<readonly AccountBalance[]> {
    const rows = await (
      await this.prisma()
    ).posting.groupBy({
      by: ['book', 'account', 'currency'],
      where: scope(filter),
      _sum: { amount: true },
      orderBy: [{ book: 'asc' }, { account: 'asc' }, { currency: 'asc' }],
    });
    return rows.map((row) => ({
      book: row.book,
      account: row.account,
      currency: row.currency,
      balance: row._sum.amount?.toFixed() ?? '0',
    }));
  }

  /** The pool stays open: it belongs to whoever made it. */
  async close(): Promise<void> {
    await (await this.client)?.$disconnect();
  }
}

/** `ReadModels.decisions` for whoever reads nothing else. */
export async function listDecisions(
  pool: Pool,
  filter: DecisionFilter = {},
): Promise<readonly DecisionSummary[]> {
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

function scope(filter: Pick<ReadFilter, 'epoch' | 'book'>): { epoch?: string; book?: string } {
  return {
    ...(filter.epoch === undefined ? {} : { epoch: filter.epoch }),
    ...(filter.book === undefined ? {} : { book: filter.book }),
  };
}

function period<C extends string>(
  column: C,
  filter: ReadFilter,
): Partial<Record<C, { gte?: Date; lt?: Date }>> {
  if (filter.from === undefined && filter.to === undefined) return {};
  const range = {
    ...(filter.from === undefined ? {} : { gte: new Date(filter.from) }),
    ...(filter.to === undefined ? {} : { lt: new Date(filter.to) }),
  };
  return { [column]: range } as Partial<Record<C, { gte?: Date; lt?: Date }>>; // a computed key widens to string
}
