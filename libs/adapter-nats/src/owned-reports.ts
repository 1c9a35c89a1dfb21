import type { PartitionReport, SettlementReport } from '@evenkeel/engine';

/** Reads the token under which a service's partition is owned now; undefined where nobody owns it. */
export type ReadToken = (service: string, partition: string) => Promise<number | undefined>;

export interface OwnedReportsOptions {
  readonly tokenOf: ReadToken;
  readonly onReport: (report: SettlementReport) => void;
  /** A report under a token that no lease has. */
  readonly onStranger: (service: string, partition: string, token: number) => void;
  readonly onTrouble: (error: unknown) => void;
}

interface Asked {
  report: PartitionReport;
}

/**
 * Lets through what owners say of their partitions. Of two owners the newer counts, so a token that was not heard of before
 * is held against the lease first: otherwise whoever made one up would silence the owner for good.
 */
export class OwnedReports {
  private readonly confirmed = new Map<string, number>();
  private readonly asked = new Map<string, Asked>();

  constructor(private readonly options: OwnedReportsOptions) {}

  take({ service, partitions }: SettlementReport): void {
    const own: Record<string, PartitionReport> = {};
    for (const [partition, report] of Object.entries(partitions)) {
      const known = this.confirmed.get(`${service}/${partition}`) ?? 0;
      const token = report.owner ?? 0;
      // Nobody owns a partition under no token, and until one is confirmed nobody speaks for it.
      if (known > 0 && token === known) own[partition] = report;
      else if (token > known) void this.ask(service, partition, report);
    }
    if (Object.keys(own).length > 0) this.options.onReport({ service, partitions: own });
  }

  private async ask(service: string, partition: string, report: PartitionReport): Promise<void> {
    const key = `${service}/${partition}`;
    const waiting = this.asked.get(key);
    if (waiting !== undefined) {
      waiting.report = report;
      return;
    }
    const asked: Asked = { report };
    this.asked.set(key, asked);
    try {
      const token = await this.options.tokenOf(service, partition);
      const said = asked.report.owner ?? 0;
      if (token !== undefined && said > token) this.options.onStranger(service, partition, said);
      if (token === undefined || said !== token) return;
      this.confirmed.set(key, token);
      this.options.onReport({ service, partitions: { [partition]: asked.report } });
    } catch (error) {
      // The next report asks again.
      this.options.onTrouble(error);
    } finally {
      this.asked.delete(key);
    }
  }
}
