import type { Context } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { WakeRequest } from './event-time';
import { CORES, TOPOLOGY } from './topology';
import type { CoreContext } from './topology';

/** How one core of one partition stands. */
export interface PartitionReport {
  /** Sequence of the newest foreign commit that has taken its whole effect. */
  readonly seen: number;
  /** Sequence of its own newest commit. */
  readonly appended: number;
  /** Event time (ISO) of the newest instant that has taken its whole effect; absent before the first. */
  readonly at?: string;
  /** Event time (ISO) at which it wants to be woken. */
  readonly nextWake?: string;
  /** It has halted, and why. */
  readonly fault?: string;
  /** Fencing token of the owner that says so; of two owners the newer one counts. */
  readonly owner?: number;
}

/** What a process says about the partitions it owns. */
export interface SettlementReport {
  /** The service, named as its context. */
  readonly service: string;
  readonly partitions: Readonly<Record<string, PartitionReport>>;
}

/** Who has not settled, and what it lacks. */
interface Lack {
  readonly by: Context;
  readonly text: string;
}

/**
 * Knows from the services' own reports whether everything that a partition was given has settled there: each core has
 * taken the instant, and each has seen everything the others have appended. A report is made only after an input's
 * commits are durable, so when all of that holds at once there is nobody left who could still say something. Reports
 * are kept by partition and context: a service may be any number of processes.
 */
export class SettlementBoard {
  private readonly latest = new Map<string, PartitionReport>();

  /** True when it changed how a partition stands; those partitions are handed to `moved`. */
  note(
    { service, partitions }: SettlementReport,
    moved: (partition: string, service: string) => void = () => undefined,
  ): void {
    if (!CORES.some((context) => context === service)) return;
    for (const [partition, report] of Object.entries(partitions)) {
      const key = keyOf(service, partition);
      const before = this.latest.get(key);
      if ((before?.owner ?? 0) > (report.owner ?? 0)) continue;
      this.latest.set(key, report);
      if (before === undefined || !sameStanding(before, report)) moved(partition, service);
    }
  }

  /** `at`: event time (ISO) of the newest instant the partition was given; undefined before the first. */
  isSettled(partition: string, at: string | undefined): boolean {
    return CORES.every((context) => this.lackOf(context, partition, at) === undefined);
  }

  /** Who has not settled, and what it lacks, in words. */
  lacks(partition: string, at: string | undefined): string[] {
    return CORES.flatMap((context) => this.lackOf(context, partition, at)?.text ?? []);
  }

  /** Those that a partition waits for; of one that waits for another, the other. */
  waitedFor(partition: string, at: string | undefined): readonly CoreContext[] {
    const lacking = CORES.flatMap((context) => this.lackOf(context, partition, at)?.by ?? []);
    return CORES.filter((context) => lacking.includes(context));
  }

  /** Why a partition cannot go on; undefined when nobody has halted there. */
  fault(partition: string): string | undefined {
    for (const context of CORES) {
      const fault = this.of(context, partition)?.fault;
      if (fault !== undefined) return `${context}: ${fault}`;
    }
    return undefined;
  }

  /** The wake-ups that are asked for in a partition. */
  wakes(partition: string): WakeRequest[] {
    return CORES.flatMap((context) => {
      const nextWake = this.of(context, partition)?.nextWake;
      const heard = TOPOLOGY[context].wakes && nextWake !== undefined;
      return heard ? [{ service: context, at: parseInstant(nextWake) }] : [];
    });
  }

  private lackOf(context: CoreContext, partition: string, at: string | undefined): Lack | undefined {
    const by = context;
    const report = this.of(context, partition);
    const { followsMarket, reads } = TOPOLOGY[context];
    if (report === undefined) return { by, text: `${context} has not reported` };
    if (followsMarket && report.at !== at)
      return { by, text: `${context} has taken ${report.at ?? 'no instant'}, not yet ${at ?? 'the first'}` };
    for (const read of reads.filter(hasCore)) {
      const appended = this.of(read, partition)?.appended;
      if (appended === undefined) return { by: read, text: `${context} waits for what ${read} has to say` };
      if (report.seen < appended)
        return { by, text: `${context} has seen ${report.seen}, ${read} appended ${appended}` };
    }
    return undefined;
  }

  private of(context: Context, partition: string): PartitionReport | undefined {
    return this.latest.get(keyOf(context, partition));
  }
}

/** People's facts are heard when they come; nobody reports for them. */
function hasCore(context: Context): boolean {
  return TOPOLOGY[context].core;
}

function keyOf(context: string, partition: string): string {
  return `${context}/${partition}`;
}

function sameStanding(a: PartitionReport, b: PartitionReport): boolean {
  return (
    a.seen === b.seen &&
    a.appended === b.appended &&
    a.at === b.at &&
    a.nextWake === b.nextWake &&
    a.fault === b.fault
  );
}
