import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { ConflictError } from '@evenkeel/eventing';
import { fnv1a32 } from '@evenkeel/kernel';
import { z } from 'zod';
import { ControlBucket } from './control';
import { ControlEntries } from './control-entries';
import type { Entry } from './control-entries';
import { Fenced } from './lease';
import type { Lease } from './lease';
import type { PublishWaits } from './resolving-publisher';
import { Membership } from './membership';
import { isClosing } from './publish-outcome';
import type { ReadToken } from './owned-reports';
import { loadStreamDefinitions } from './streams';
import { UnreadableMessage, readJson } from './unreadable';

const leaseSchema = z.object({
  /** Process and life of the owner; empty while nobody owns the partition. */
  process: z.string().max(200),
  life: z.string().max(100),
  /** Rises with every change of owner. A decimal string. */
  token: z.string().regex(/^\d{1,15}$/),
});

export function leaseIn({ key, text }: Pick<Entry, 'key' | 'text'>): LeaseValue {
  return readJson('lease', key, text, leaseSchema);
}

type LeaseValue = z.infer<typeof leaseSchema>;

/** A process does not have the partitions that it should, for so long. */
export interface LeaseTrouble {
  readonly forMs: number;
  readonly detail: string;
}

interface Standing {
  readonly value: LeaseValue;
  readonly revision: number;
}

const keyOf = (service: string, partition: string): string => `lease.${service}.${partition}`;

/** Those of the services that have no process for a partition, by the leader's word. */
export async function unownedAt(
  connection: NatsConnection,
  partition: string,
  services: readonly string[],
): Promise<readonly string[]> {
  await ControlBucket.open(connection);
  const entries = new ControlEntries(connection, loadStreamDefinitions().controlBucket.name);
  const unowned: string[] = [];
  for (const service of services) {
    const entry = await entries.read(keyOf(service, partition));
    if (entry === undefined || leaseIn(entry).life === '') unowned.push(service);
  }
  return unowned;
}

/** Reads under which token a partition of a service is owned, by the leader's word. */
export function leaseTokens(connection: NatsConnection): ReadToken {
  const entries = new ControlEntries(connection, loadStreamDefinitions().controlBucket.name);
  return async (service, partition) => {
    const entry = await entries.read(keyOf(service, partition));
    return entry === undefined ? undefined : Number(leaseIn(entry).token);
  };
}

export interface LeaseTableOptions {
  /** Hears of heartbeats and leases that wait for the server; then they wait without end. */
  readonly waits?: PublishWaits | undefined;
  readonly connection: NatsConnection;
  readonly service: string;
  readonly process: string;
  /** Partitions that the processes of the service divide among them. */
  readonly partitions: readonly string[];
  readonly leaseMs: number;
  /** Partitions that this process owns from now on. */
  readonly onGained: (leases: readonly Lease[]) => Promise<void>;
  /** A partition that another process is to have: it must be let go of before this resolves. */
  readonly onGive: (partition: string) => Promise<void>;
  /** This process owns nothing any more and was not asked: it must not act. */
  readonly onFenced: (why: Fenced) => Promise<void>;
  /** The table could not be read or changed; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Milliseconds that only go forward. */
  readonly nowMs?: () => number;
}

const NOBODY: LeaseValue = { process: '', life: '', token: '0' };
const BEATS_PER_LEASE = 5;
/** Processes that are told to end at once are all told within this time. */
const END_PAUSE_MS = 300;
const END_PATIENCE_MS = 1_500;

/**
 * Divides a service's partitions over its living processes: `lease.<service>.<pp>` in the control bucket says who owns
 * one. Each process takes free partitions up to its fair share and gives back what is above it, so partitions move when
 * processes come and go. Who takes over from a process declares it dead first (`Membership`).
 */
export class LeaseTable {
  private readonly entries: ControlEntries;
  private readonly nowMs: () => number;
  private membership: Membership;
  private readonly held = new Map<string, Standing>();
  private readonly running: Promise<void>[] = [];
  private stopped = false;
  private peers = 0;
  private ending = false;
  /** Since when the table is out of reach, or an entry of it cannot be read, and why. */
  private failing: { readonly since: number; detail: string } | undefined;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LeaseTableOptions) {
    const { connection, waits } = options;
    const patience = waits === undefined ? {} : { waits };
    this.entries = new ControlEntries(connection, loadStreamDefinitions().controlBucket.name, patience);
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.membership = this.newLife();
  }

  /** The partitions that this process owns. */
  get owned(): readonly string[] {
    return [...this.held.keys()].sort();
  }

  /** Undefined while the table is read and changed as it should be. */
  get trouble(): LeaseTrouble | undefined {
    const { failing } = this;
    return failing && { forMs: this.nowMs() - failing.since, detail: failing.detail };
  }

  /** Another process of the service was alive and going on when it was last looked: it takes over what this one lets go of. */
  get hasPeers(): boolean {
    return this.peers > 0;
  }

  /**
   * Says that this process ends, and looks who goes on. Processes that end together say so before any of them looks, so that none
   * counts on another. Where nothing can be said or heard in time, nobody goes on.
   */
  async announceEnd(): Promise<void> {
    this.ending = true;
    this.peers = 0;
    const asked = this.peersAtEnd().catch((error: unknown) => {
      this.options.onTrouble(error);
      return 0;
    });
    this.peers = await Promise.race([asked, delay(END_PATIENCE_MS, 0, { ref: false })]);
  }

  private async peersAtEnd(): Promise<number> {
    await this.membership.announceEnd();
    const found = await this.lookForPeers();
    if (found === 0) return 0;
    await delay(END_PAUSE_MS);
    return this.lookForPeers();
  }

  private async lookForPeers(): Promise<number> {
    const entries = await this.entries.look([`member.${this.options.service}.*`]);
    return this.peersAmong(this.membership.judge(entries, this.options.onTrouble));
  }

  private peersAmong(members: ReturnType<Membership['judge']>): number {
    const { life } = this.membership;
    return members.filter(({ member, isAlive }) => isAlive && member.leaving !== true && member.life !== life)
      .length;
  }

  /** Joins, takes a first share, and goes on until `stop`. */
  async start(): Promise<void> {
    await ControlBucket.open(this.options.connection);
    await this.membership.join();
    await this.alone(() => this.arrange());
    const pause = this.options.leaseMs / BEATS_PER_LEASE;
    this.running.push(
      this.repeat(pause, () => this.membership.beat()),
      this.repeat(pause, () => this.alone(() => this.arrange())),
    );
  }

  /** Gives back everything. The partitions must have been let go of. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
    for (const partition of this.owned) await this.free(partition);
    await this.membership.leave();
  }

  /** The journal has seen a newer token than the lease's: the bucket has lost its memory. The new lease is above it. */
  async raise(partition: string, seen: bigint): Promise<Lease> {
    const standing = this.held.get(partition);
    if (standing === undefined) throw new Fenced(`partition ${partition} is not owned any more`);
    return this.take(partition, { ...standing, value: { ...standing.value, token: seen.toString() } });
  }

  private newLife(): Membership {
    const { service, process, leaseMs } = this.options;
    return new Membership({ entries: this.entries, service, process, leaseMs, nowMs: this.nowMs });
  }

  private async repeat(pauseMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      await delay(pauseMs);
      if (this.stopped) return;
      try {
        await work();
      } catch (error) {
        if (isClosing(error)) return;
        this.fails(error instanceof Error ? error.message : String(error));
        if (error instanceof Fenced) await this.depose(error).catch(this.options.onTrouble);
        else this.options.onTrouble(error);
      }
    }
  }

  /** Somebody has taken over. What was owned is let go of at once; a process whose name is still its own joins anew. */
  private async depose(why: Fenced): Promise<void> {
    const { membership } = this;
    this.held.clear();
    await this.options.onFenced(why);
    await this.alone(() => this.joinAfter(membership));
  }

  private async joinAfter(membership: Membership): Promise<void> {
    if (this.membership !== membership || this.stopped) return;
    this.held.clear();
    if (await membership.isReplaced()) {
      this.stopped = true;
      return;
    }
    this.membership = this.newLife();
    await this.membership.join();
  }

  private fails(detail: string): void {
    this.failing = { since: this.failing?.since ?? this.nowMs(), detail };
  }

  private async arrange(): Promise<void> {
    if (this.ending) return;
    const { service, partitions } = this.options;
    const entries = await this.entries.look([`member.${service}.*`, `lease.${service}.*`]);
    const members = this.membership.judge(
      entries.filter(({ key }) => key.startsWith('member.')),
      this.options.onTrouble,
    );
    let living = 0;
    for (const { member, isAlive } of members) {
      if (isAlive) living += 1;
      else if (member.state === 'alive' && !(await this.membership.bury(member))) living += 1;
    }
    if (!this.ending) this.peers = this.peersAmong(members);
    const share = Math.ceil(partitions.length / Math.max(1, living));
    const standings = this.standingsOf(entries.filter(({ key }) => key.startsWith('lease.')));
    await this.freeForgotten(standings);
    await this.giveAbove(share);
    await this.takeUpTo(share, standings);
    const unreadable = [...standings].filter(([, standing]) => standing === 'unreadable');
    if (unreadable.length === 0) this.failing = undefined;
    else this.fails(`the lease of ${unreadable.map(([partition]) => partition).join(', ')} cannot be read`);
  }

  /** A lease that cannot be read is nobody's to take: its owner may live. The other partitions go on. */
  private standingsOf(leases: readonly Entry[]): ReadonlyMap<string, Standing | 'unreadable'> {
    const standings = new Map<string, Standing | 'unreadable'>();
    for (const entry of leases) {
      const partition = entry.key.slice(this.keyOf('').length);
      try {
        standings.set(partition, { value: leaseIn(entry), revision: entry.revision });
      } catch (error) {
        if (!(error instanceof UnreadableMessage)) throw error;
        this.options.onTrouble(error);
        standings.set(partition, 'unreadable');
      }
    }
    return standings;
  }

  /** What stands in this life's name and is not held was taken, or given back, with no answer: nobody opens it. */
  private async freeForgotten(standings: ReadonlyMap<string, Standing | 'unreadable'>): Promise<void> {
    for (const [partition, standing] of standings) {
      if (standing === 'unreadable') continue;
      if (standing.value.life !== this.membership.life || this.held.has(partition)) continue;
      this.held.set(partition, standing);
      await this.free(partition);
    }
  }

  private async giveAbove(share: number): Promise<void> {
    const mine = this.byPreference([...this.held.keys()]);
    for (const partition of mine.slice(share)) {
      await this.options.onGive(partition);
      await this.free(partition);
    }
  }

  private async takeUpTo(
    share: number,
    standings: ReadonlyMap<string, Standing | 'unreadable'>,
  ): Promise<void> {
    const gained: Lease[] = [];
    try {
      for (const partition of this.byPreference(this.options.partitions)) {
        if (this.held.size >= share) break;
        if (this.held.has(partition)) continue;
        const standing = standings.get(partition) ?? { value: NOBODY, revision: 0 };
        if (standing === 'unreadable') continue;
        const { process, life } = standing.value;
        if (life !== '' && (await this.membership.isLiving(process, life))) continue;
        try {
          gained.push(await this.take(partition, standing));
        } catch (error) {
          // Somebody else was quicker.
          if (!(error instanceof ConflictError)) throw error;
        }
      }
    } finally {
      // Also where the table breaks off: what is held must be opened, since nobody else may.
      if (gained.length > 0) await this.options.onGained(gained);
    }
  }

  private async take(partition: string, before: Standing): Promise<Lease> {
    const { membership } = this;
    const token = BigInt(before.value.token) + 1n;
    const value = { process: this.options.process, life: membership.life, token: token.toString() };
    const revision = await this.entries.change(this.keyOf(partition), JSON.stringify(value), before.revision);
    this.held.set(partition, { value, revision });
    return {
      partition,
      token,
      assertHeld: async () => {
        if (this.held.get(partition)?.value.token !== value.token)
          throw new Fenced(`partition ${partition} is not owned under token ${value.token} any more`);
        await membership.assertAlive();
      },
    };
  }

  private async free(partition: string): Promise<void> {
    const standing = this.held.get(partition);
    if (standing === undefined) return;
    this.held.delete(partition);
    const value = { ...NOBODY, token: standing.value.token };
    try {
      await this.entries.change(this.keyOf(partition), JSON.stringify(value), standing.revision);
    } catch (error) {
      // It was taken already: this process was declared dead meanwhile.
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  /** Taking, giving back and joining never overlap. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.tail.then(work);
    this.tail = run.catch(() => undefined);
    return run;
  }

  /** In an order of this process's own, so that two that come at once rarely want the same. */
  private byPreference(partitions: readonly string[]): string[] {
    const rank = (partition: string): number => fnv1a32(`${this.options.process}/${partition}`);
    return [...partitions].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }

  private keyOf(partition: string): string {
    return keyOf(this.options.service, partition);
  }
}
