import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { StoredMsg, StreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CLOCK_SUBJECT, decodeInstant } from '@evenkeel/contracts';
import type {
  DeadLettersNow,
  DeskBus,
  JournalNow,
  JournalPlaceTime,
  MarkNow,
  OwnedPartition,
  ProcessNow,
  ServiceWord,
  StandingStops,
  WantedMark,
} from '@evenkeel/desk';
import { CORES } from '@evenkeel/engine';
import { OperationalError } from '@evenkeel/kernel';
import { BucketKeys } from './bucket-keys';
import { ControlBucket, NO_KNOWN_BUCKET } from './control';
import { currentEpoch } from './epochs';
import type { Epoch } from './epochs';
import { leaseIn } from './lease-table';
import { memberIn } from './membership';
import { followProgress } from './progress';
import { loadStreamDefinitions } from './streams';
import { UnreadableMessage } from './unreadable';

/** Every service that says how far it is. */
const SPEAKING = ['price-ingest', ...CORES, 'ledger'] as const;
/** So many times as long is listened to those who are not heard. */
const LONGER = 2;
const NO_MESSAGE = 10037;
/** Messages of the market that are looked through for its newest marks. */
const MARKET_LOOK_BACK = 64;
/** A service that never said how long it may be silent. */
const LEASE_MS = 5_000;

/** A desk's bus, looked at and left as it was: single messages are asked for, and no consumer is made. */
export class NatsDesk implements DeskBus {
  private epoch: Promise<Epoch | undefined> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    /** Of this machine, milliseconds since 1970. */
    private readonly nowMs: () => number,
    /** What the server has refused to this connection, if anything. */
    private readonly refused: () => Error | undefined = () => undefined,
  ) {}

  async journal(): Promise<JournalNow | undefined> {
    this.epoch = undefined;
    const open = await this.open();
    if (open === undefined) return undefined;
    const { state } = await (await this.streams()).info(open.journalStream);
    return { epoch: open.epoch, lastSequence: state.last_seq };
  }

  async takenAt(sequence: number): Promise<JournalPlaceTime | undefined> {
    const open = await this.open();
    if (open === undefined) return undefined;
    const message = await this.message(open.journalStream, { seq: sequence });
    return message === undefined ? undefined : { sequence, at: message.time.toISOString() };
  }

  async stops(): Promise<StandingStops> {
    const bucket = await ControlBucket.open(this.connection);
    const open = await this.open();
    const latches = await bucket.readLatches(open?.bucket ?? NO_KNOWN_BUCKET);
    return {
      inForce: latches.flatMap(({ scope, engagements }) => engagements.map((one) => ({ ...one, scope }))),
      released: latches.flatMap(({ releases }) => releases.flatMap(({ engagements }) => engagements)),
    };
  }

  async processes(): Promise<readonly ProcessNow[]> {
    const found = await this.control('member.>');
    return found.map(({ key, message }) => {
      const [, service = '', ...rest] = key.split('.');
      const heartbeatAgeMs = Math.max(0, this.nowMs() - message.time.getTime());
      const process = rest.join('.');
      try {
        const { state, leaseMs = LEASE_MS } = memberIn(key, message.string());
        const silent = state === 'alive' && heartbeatAgeMs > leaseMs;
        return { service, process, state: silent ? 'silent' : state, heartbeatAgeMs };
      } catch (error) {
        if (!(error instanceof UnreadableMessage)) throw error;
        return { service, process, state: 'unreadable', heartbeatAgeMs };
      }
    });
  }

  async owners(): Promise<readonly OwnedPartition[]> {
    const found = await this.control('lease.>');
    return found.map(({ key, message }) => {
      const [, service = '', partition = ''] = key.split('.');
      return { service, partition, process: leaseIn({ key, text: message.string() }).process };
    });
  }

  /**
   * The newest word of each, together: a service of several processes says of each what it owns. Where some speak and others
   * are not heard, a busy machine is given longer before anybody is called silent.
   */
  async words(listenMs: number): Promise<readonly ServiceWord[]> {
    const heard = new Map<string, ServiceWord>();
    const unfollow = followProgress(this.connection, SPEAKING, (word) => {
      const before = heard.get(word.service)?.partitions ?? {};
      heard.set(word.service, { ...word, partitions: { ...before, ...word.partitions } });
    });
    try {
      await delay(listenMs);
      for (let more = 0; more < LONGER && heard.size > 0 && heard.size < SPEAKING.length; more += 1)
        await delay(listenMs);
    } finally {
      unfollow();
    }
    // Who is not let hear has heard nobody, and must not say that nobody spoke.
    const refusal = this.refused();
    if (refusal !== undefined) throw refusal;
    return [...heard.values()];
  }

  async deadLetters(): Promise<DeadLettersNow> {
    const { name } = loadStreamDefinitions().deadLetters;
    const { state } = await (await this.streams()).info(name);
    if (state.messages === 0) return { count: 0 };
    const last = await this.message(name, { seq: state.last_seq });
    if (last === undefined) return { count: state.messages };
    const newest = { from: last.subject, at: last.time.toISOString(), what: last.string() };
    return { count: state.messages, newest };
  }

  /** Those that moved lately: only what has moved is told, and no further back is looked than a few instants. */
  async marks(wanted: readonly WantedMark[]): Promise<readonly MarkNow[]> {
    const open = await this.open();
    if (open === undefined || wanted.length === 0) return [];
    const { marketStream, marketFromSeq } = open;
    const end = (await (await this.streams()).info(marketStream)).state.last_seq;
    // What lies before it is the market of another epoch.
    const length = Math.max(0, Math.min(MARKET_LOOK_BACK, end - marketFromSeq + 1));
    const messages = await Promise.all(
      Array.from({ length }, (_, index) => this.message(marketStream, { seq: end - length + 1 + index })),
    );
    const names = new Set(wanted.map(({ instrument }) => instrument));
    const newest = new Map<string, MarkNow>();
    for (const message of messages)
      if (message?.subject === CLOCK_SUBJECT)
        for (const mark of decodeInstant(message.data).instant.marks)
          if (names.has(mark.instrument)) newest.set(mark.instrument, mark);
    return [...newest.values()];
  }

  private async control(filter: string): Promise<readonly { key: string; message: StoredMsg }[]> {
    const keys = new BucketKeys(await this.streams(), loadStreamDefinitions().controlBucket.name);
    const under = await keys.under(filter);
    const found = await Promise.all(
      under.keys.map(async (key) => ({ key, message: await keys.newest(key) })),
    );
    return found.flatMap(({ key, message }) => (message === undefined ? [] : [{ key, message }]));
  }

  private async open(): Promise<Epoch | undefined> {
    this.epoch ??= currentEpoch(this.connection).catch((error: unknown) => {
      if (error instanceof OperationalError && error.code === 'NATS.NO_EPOCH') return undefined;
      throw error;
    });
    return this.epoch;
  }

  private async streams(): Promise<StreamAPI> {
    return (await jetstreamManager(this.connection, { checkAPI: false })).streams;
  }

  private async message(
    stream: string,
    query: { readonly seq: number } | { readonly last_by_subj: string },
  ): Promise<StoredMsg | undefined> {
    try {
      return (await (await this.streams()).getMessage(stream, query)) ?? undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return undefined;
      throw error;
    }
  }
}
