import { jetstreamManager } from '@nats-io/jetstream';
import type { StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { z } from 'zod';
import { permissionsOf } from './permissions';
import type { BusIdentity } from './permissions';
import { serverFaults } from './server-check';
import { differences, replicas } from './stream-settings';
import type { StreamSettings } from './stream-settings';
import { declaredStreams, loadStreamDefinitions } from './streams';

/** How full a stream is of what it may hold: people are told before anything is refused. */
export type Fill = 'ok' | 'high' | 'alert';

const HIGH = 0.7;
const ALERT = 0.85;

export interface StreamReport {
  readonly stream: string;
  readonly messages: number;
  readonly bytes: number;
  /** What it may hold. Journals share what the server has beyond the limits of the others. */
  readonly limit: number;
  readonly fill: Fill;
  readonly replicas: number;
  /** Where it is not as infra/nats/streams.json says. */
  readonly differences: readonly string[];
}

export interface BusReport {
  readonly server: {
    readonly version: string;
    readonly maxPayload: number;
    /** The server insists on TLS. */
    readonly tls: boolean;
    /** It asks who is there. */
    readonly authenticated: boolean;
    readonly cluster: string | undefined;
    readonly differences: readonly string[];
  };
  readonly streams: readonly StreamReport[];
}

export function fillOf(bytes: number, limit: number): Fill {
  const share = bytes / limit;
  return share >= ALERT ? 'alert' : share >= HIGH ? 'high' : 'ok';
}

/** What the record may grow to: the market and the caches have limits, so that they cannot take its room. */
export function journalLimit(): number {
  const limits = declaredStreams().reduce((sum, { maxBytes = 0 }) => sum + maxBytes, 0);
  return loadStreamDefinitions().server.maxFileBytes - limits;
}

/** What the server says of itself and of every stream and bucket of ours. */
export async function reportBus(connection: NatsConnection, replicaCount = replicas()): Promise<BusReport> {
  const { info } = connection;
  const { journal } = loadStreamDefinitions();
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const found = new Map<string, StreamInfo>();
  for await (const one of manager.streams.list()) found.set(one.config.name, one);
  const journals = [...found.values()].filter(({ config }) => config.name.startsWith(journal.namePrefix));
  const journalBytes = journals.reduce((sum, { state }) => sum + state.bytes, 0);
  const limit = journalLimit();
  return {
    server: {
      version: info?.version ?? '',
      maxPayload: info?.max_payload ?? 0,
      tls: info?.tls_required === true,
      authenticated: info?.auth_required === true,
      cluster: info?.cluster,
      differences: serverFaults(connection),
    },
    streams: [
      ...journals.map((one) => ({
        ...streamReport(one, journal, limit, replicaCount),
        fill: fillOf(journalBytes, limit),
      })),
      ...declaredStreams().map((settings) => {
        const one = found.get(settings.name);
        return one === undefined
          ? missing(settings.name)
          : streamReport(one, settings, settings.maxBytes ?? limit, replicaCount);
      }),
    ],
  };
}

const userSchema = z.object({
  data: z.object({
    user: z.string(),
    permissions: z
      .object({
        publish: z
          .object({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).optional() })
          .optional(),
        subscribe: z.object({ allow: z.array(z.string()).optional() }).optional(),
      })
      .optional(),
  }),
});

/** Where the server gives this connection other rights than infra/nats/permissions.json gives the identity. */
export async function rightsFaults(
  connection: NatsConnection,
  identity: BusIdentity,
): Promise<readonly string[]> {
  const answer = await connection.request('$SYS.REQ.USER.INFO');
  const { user, permissions } = userSchema.parse(answer.json()).data;
  const wanted = permissionsOf(identity, user);
  const { publish, subscribe } = permissions ?? {};
  const compare = (what: string, has: readonly string[] = [], should: readonly string[]): string[] => [
    ...should.filter((one) => !has.includes(one)).map((one) => `${identity} lacks ${what} ${one}`),
    ...has.filter((one) => !should.includes(one)).map((one) => `${identity} has ${what} ${one} too`),
  ];
  return [
    ...compare('publish', publish?.allow, wanted.publish.allow),
    ...compare('the refusal to publish', publish?.deny, wanted.publish.deny),
    ...compare('subscribe', subscribe?.allow, wanted.subscribe.allow),
  ];
}

/** Shares of what each stream may hold, for a metric. */
export async function fillByStream(connection: NatsConnection): Promise<ReadonlyMap<string, number>> {
  const { streams } = await reportBus(connection);
  return new Map(streams.map(({ stream, bytes, limit }) => [stream, limit === 0 ? 0 : bytes / limit]));
}

function streamReport(
  { config, state }: StreamInfo,
  settings: StreamSettings,
  limit: number,
  replicaCount: number,
): StreamReport {
  return {
    stream: config.name,
    messages: state.messages,
    bytes: state.bytes,
    limit,
    fill: fillOf(state.bytes, limit),
    replicas: config.num_replicas,
    differences: differences(config, settings, replicaCount),
  };
}

function missing(stream: string): StreamReport {
  const nothing = { messages: 0, bytes: 0, limit: 0, replicas: 0 };
  return { stream, ...nothing, fill: 'ok', differences: ['it is missing'] };
}
