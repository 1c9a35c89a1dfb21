/** Somebody is waited for. */
export interface HealthWait {
  readonly text: string;
  readonly keepsFromReady: boolean;
}

/** Liveness and readiness of one process. Live says nothing of its dependencies; ready says everything. */
export class Health {
  private readonly waiting = new Map<string, (() => string | undefined) | undefined>([
    ['starting', undefined],
  ]);
  private readonly faults = new Map<string, string>();
  private owned: readonly string[] | undefined;
  private waits: () => readonly HealthWait[] = () => [];

  /** Something must happen before the service is ready; `how` says how far it is, whenever somebody asks. */
  wait(what: string, how?: () => string | undefined): void {
    this.waiting.set(what, how);
  }

  done(what: string): void {
    this.waiting.delete(what);
  }

  /** The partitions that this process owns. */
  owns(partitions: readonly string[]): void {
    this.owned = partitions;
  }

  /** Undefined for a service that owns none at any time. */
  get partitions(): readonly string[] | undefined {
    return this.owned;
  }

  /** Who is waited for, whenever somebody asks. */
  watch(waits: () => readonly HealthWait[]): void {
    this.waits = waits;
  }

  /** Who is waited for by a process that is ready all the same. */
  get waitsFor(): readonly string[] {
    return this.waits()
      .filter(({ keepsFromReady }) => !keepsFromReady)
      .map(({ text }) => text);
  }

  /** Parts that have halted. */
  get faultyParts(): number {
    return this.faults.size;
  }

  /** The service has halted, or `part` of it; it stays live so that it can be looked at. */
  fault(reason: string, part = ''): void {
    this.faults.set(part, reason);
  }

  /** A part that had halted goes on. False where there was no fault of it. */
  mended(part = ''): boolean {
    return this.faults.delete(part);
  }

  get isFaulty(): boolean {
    return this.faults.size > 0;
  }

  get ready(): boolean {
    return this.waiting.size === 0 && !this.isFaulty && this.keptBy().length === 0;
  }

  get reasons(): readonly string[] {
    return [...this.faults.values(), ...this.pending, ...this.keptBy()];
  }

  /** What must happen before the service is ready, and how far it is. */
  get pending(): readonly string[] {
    return [...this.waiting].map(([what, how]) => {
      const far = how?.();
      return far === undefined ? what : `${what} ${far}`;
    });
  }

  private keptBy(): readonly string[] {
    return this.waits()
      .filter(({ keepsFromReady }) => keepsFromReady)
      .map(({ text }) => text);
  }
}
