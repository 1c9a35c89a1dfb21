import type { Context } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Progress } from './progress';

interface Party {
  readonly service: string;
  readonly followsMarket: boolean;
  /** Whose commits it must have taken in. */
  readonly inputs: readonly Context[];
}

/** Who takes part in the lockstep, and what each waits for. */
const PARTIES: readonly Party[] = [
  { service: 'risk', followsMarket: true, inputs: ['execution'] },
  { service: 'strategy', followsMarket: false, inputs: ['risk', 'execution'] },
  { service: 'execution', followsMarket: true, inputs: ['risk', 'strategy'] },
];

/**
 * Knows from the services' own reports whether everything the last instant caused has settled: each has taken the
 * instant, and each has seen everything the others have appended. A report is made only after an input's commits are
 * durable, so when all of that holds at once there is nobody left who could still say something.
 */
export class SettlementBoard {
  /** Whose reports it needs. */
  static readonly services: readonly string[] = PARTIES.map(({ service }) => service);

  private readonly latest = new Map<string, Progress>();

  constructor(private readonly partitions: readonly string[]) {}

  note(progress: Progress): void {
    this.latest.set(progress.service, progress);
  }

  /** A service that has halted, and why. */
  fault(): string | undefined {
    for (const progress of this.latest.values())
      if (progress.fault !== undefined) return `${progress.service}: ${progress.fault}`;
    return undefined;
  }

  isSettled(instant: number): boolean {
    return PARTIES.every((party) => this.hasSettled(party, instant));
  }

  /** The wake-ups the services want. */
  wakes(): { readonly service: string; readonly at: Instant }[] {
    return PARTIES.flatMap(({ service }) => {
      const nextWake = this.latest.get(service)?.nextWake;
      return nextWake === undefined ? [] : [{ service, at: parseInstant(nextWake) }];
    });
  }

  private hasSettled(party: Party, instant: number): boolean {
    const progress = this.latest.get(party.service);
    if (progress === undefined) return false;
    if (party.followsMarket && progress.instant !== instant) return false;
    return this.partitions.every((partition) => {
      const seen = progress.partitions[partition]?.seen ?? 0;
      return party.inputs.every(
        (context) =>
          seen >= (this.latest.get(context)?.partitions[partition]?.appended ?? Number.MAX_SAFE_INTEGER),
      );
    });
  }
}
