import { randomUUID } from 'node:crypto';
import { ConflictError } from '@evenkeel/eventing';
import { IntegrityFault } from '@evenkeel/kernel';
import { z } from 'zod';
import type { ControlEntries, Entry } from './control-entries';
import { Fenced } from './lease';
import { UnreadableMessage, readJson } from './unreadable';
import type { OnUnreadable } from './unreadable';

/** Nobody is waited for longer before others take over. */
const LEASE_MAX_MS = 3_600_000;

const memberSchema = z.object({
  /** One life of a process. */
  life: z.string().max(100),
  state: z.enum(['alive', 'dead', 'left']),
  /** Counts the life's heartbeats, so that no two values are the same. */
  beat: z.number().int().nonnegative(),
  /** How long it may be silent before others declare it dead, said by the living: it trusts itself by its own figure. */
  leaseMs: z.number().positive().max(LEASE_MAX_MS).optional(),
  /** It ends in order: alive, but nobody may count on it. */
  leaving: z.boolean().optional(),
  /** Who declared it dead. */
  by: z.string().max(100).optional(),
});

type MemberValue = z.infer<typeof memberSchema>;

/** Throws `UnreadableMessage`. */
export function memberIn(key: string, text: string): MemberValue {
  return readJson('member', key, text, memberSchema);
}

export interface Member extends MemberValue {
  readonly process: string;
  readonly revision: number;
}

export interface MembershipOptions {
  readonly entries: ControlEntries;
  readonly service: string;
  /** Names the process among those of its service; a successor under the same name deposes its predecessor. */
  readonly process: string;
  /** This process is declared dead when it has not been heard of for so long. */
  readonly leaseMs: number;
  readonly nowMs: () => number;
}

const isBehind = (error: unknown): boolean =>
  error instanceof IntegrityFault && error.code === 'EVENTING.LOG_BEHIND';

/**
 * The life in a value that cannot be read. Whoever wrote over a heartbeat has ended its life, as a successor does; until that is
 * silent for long enough to be declared dead, it may be alive.
 */
const NOBODY_KNOWS = '';

/** A process trusts its own heartbeat for this share of the time after which others declare it dead. */
const OWN_SHARE = 0.6;

/**
 * One process among those of its service. Its heartbeat is one value, changed by following the one before. Whoever takes
 * over from it first declares it dead in that very value: from then on its heartbeat fails, however long it was paused,
 * so it learns that it was deposed before it acts again. No clocks are compared: each measures how long it has seen no
 * change.
 */
export class Membership {
  readonly life = randomUUID();
  private revision = 0;
  private beats = 0;
  private beatenAt = Number.NEGATIVE_INFINITY;
  private fenced: Fenced | undefined;
  private leaving = false;
  private beating: Promise<void> | undefined;
  private readonly seen = new Map<string, { readonly revision: number; readonly since: number }>();

  constructor(private readonly options: MembershipOptions) {}

  /** Takes the place of whoever had the process's name before; that one is deposed by it. */
  async join(): Promise<void> {
    const before = await this.options.entries.read(this.keyOf(this.options.process));
    this.revision = before?.revision ?? 0;
    await this.beat();
  }

  /** Throws `Fenced` once somebody has declared this life dead, or taken its name. */
  beat(): Promise<void> {
    this.beating ??= this.tryBeat().finally(() => (this.beating = undefined));
    return this.beating;
  }

  /** Resolves while nobody can have taken over; otherwise asks until the answer is fresh. Throws `Fenced` when somebody has. */
  async assertAlive(): Promise<void> {
    const { nowMs, leaseMs } = this.options;
    if (this.fenced !== undefined) throw this.fenced;
    while (nowMs() - this.beatenAt > leaseMs * OWN_SHARE) await this.beat();
  }

  /** Lets the others know that this life ends: they may still find it alive, and may not count on it. */
  async announceEnd(): Promise<void> {
    this.leaving = true;
    await this.beating?.catch(() => undefined);
    await this.beat();
  }

  async leave(): Promise<void> {
    if (this.fenced !== undefined) return;
    await this.beating?.catch(() => undefined);
    await this.write({ life: this.life, state: 'left', beat: this.beats + 1 }).catch(() => undefined);
  }

  /** The members that a look has found, each with whether it must be taken for alive. */
  judge(
    entries: readonly Entry[],
    onUnreadable: OnUnreadable,
  ): { readonly member: Member; readonly isAlive: boolean }[] {
    const now = this.options.nowMs();
    return entries.map((entry) => {
      const member = this.memberOf(entry, onUnreadable);
      const known = this.seen.get(member.process);
      const since = known?.revision === member.revision ? known.since : now;
      this.seen.set(member.process, { revision: member.revision, since });
      const silent = member.life !== this.life && now - since > (member.leaseMs ?? this.options.leaseMs);
      return { member, isAlive: member.state === 'alive' && !silent };
    });
  }

  /** Declares a silent member dead. False when it has stirred meanwhile. */
  async bury(member: Member): Promise<boolean> {
    const value: MemberValue = { life: member.life, state: 'dead', beat: member.beat, by: this.life };
    try {
      await this.options.entries.change(this.keyOf(member.process), JSON.stringify(value), member.revision);
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  /** Whether a life can still act, by the leader's word. */
  async isLiving(process: string, life: string): Promise<boolean> {
    const entry = await this.options.entries.read(this.keyOf(process));
    if (entry === undefined) return false;
    const member = this.memberOf(entry);
    return member.state === 'alive' && (member.life === life || member.life === NOBODY_KNOWS);
  }

  /** Another life goes by this process's name. */
  async isReplaced(): Promise<boolean> {
    const entry = await this.options.entries.read(this.keyOf(this.options.process));
    if (entry === undefined) return false;
    const member = this.memberOf(entry);
    return member.life !== this.life && member.life !== NOBODY_KNOWS && member.state === 'alive';
  }

  private async tryBeat(): Promise<void> {
    if (this.fenced !== undefined) throw this.fenced;
    const { leaseMs } = this.options;
    const sentAt = this.options.nowMs();
    try {
      const leaving = this.leaving ? { leaving: true } : {};
      await this.write({ life: this.life, state: 'alive', beat: this.beats + 1, leaseMs, ...leaving });
      this.beatenAt = sentAt;
    } catch (error) {
      // A value that is gone was forgotten as that of a dead process.
      if (!(error instanceof ConflictError) && !isBehind(error)) throw error;
      this.fenced = new Fenced(
        `another process of ${this.options.service} has taken the place of "${this.options.process}"`,
      );
      throw this.fenced;
    }
  }

  private async write(value: MemberValue): Promise<void> {
    const { entries, process } = this.options;
    this.revision = await entries.change(this.keyOf(process), JSON.stringify(value), this.revision);
    this.beats = value.beat;
  }

  private memberOf({ key, text, revision }: Entry, onUnreadable: OnUnreadable = () => undefined): Member {
    const process = key.slice(this.keyOf('').length);
    try {
      return { ...memberIn(key, text), process, revision };
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      onUnreadable(error);
      return { life: NOBODY_KNOWS, state: 'alive', beat: 0, process, revision };
    }
  }

  private keyOf(process: string): string {
    return `member.${this.options.service}.${process}`;
  }
}
