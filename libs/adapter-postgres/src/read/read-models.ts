import type { Pool } from 'pg';
import type { PrismaClient } from '../generated/prisma/client';

/** Which rows; absent fields do not restrict. Times are event times, ISO 8601, `from` inclusive, `to` exclusive. */
export interface ReadFilter {
  readonly epoch?: string;
  readonly book?: string;
  readonly from?: string;
  readonly to?: string;
  /** Default 1000; the newest are kept, in ascending order. */
  readonly limit?: number;
}

/** Quantities, prices and money are decimal strings. */
export interface PositionView {
  readonly epoch: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly averagePrice: string | undefined;
  readonly changedAt: string;
  readonly changedSeq: number;
}

export interface OrderView {
  readonly epoch: string;
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly side: string;
  readonly quantity: string;
  readonly filled: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly intendedAt: string;
  readonly intendedSeq: number;
}

export interface FillView {
  readonly epoch: string;
  readonly seq: number;
  readonly clientOrderId: string;
  readonly fillId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
  /** Paid is negative. */
  readonly fee: string;
  readonly feeCurrency: string;
  readonly at: string;
}

/** Cumulative since the book was opened, in its numeraire. */
export interface PnlView {
  readonly epoch: string;
  readonly seq: number;
  readonly snapshotId: string;
  readonly book: string;
  readonly at: string;
  readonly trigger: string;
  readonly equity: string;
  readonly hedged: string;
  readonly unhedged: string;
  readonly fees: string;
  readonly funding: string;
}

export interface IncidentView {
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly book: string;
  readonly at: string;
  readonly reasons: readonly string[];
}

/** Σ of the postings of an account; debits positive. Over all accounts of a currency they sum to zero. */
export interface AccountBalance {
  readonly book: string;
  readonly account: string;
  readonly currency: string;
  readonly balance: string;
}

const LIMIT = 1_000;

/** What the desk and the console read. Everything here follows from the commit log and may be a moment behind it. */
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
      subject: row.subject,
      book: row.book,
      at: row.at.toISOString(),
      reasons: row.reasons,
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
