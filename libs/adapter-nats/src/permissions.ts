import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadStreamDefinitions } from './streams';

/** Who speaks on the bus. Several processes of a service share its identity. */
export const BUS_IDENTITIES = [
  'price-ingest',
  'risk',
  'strategy',
  'execution',
  'ledger',
  'desk',
  'operator',
  'observer',
] as const;

export type BusIdentity = (typeof BUS_IDENTITIES)[number];

/** What infra/nats/permissions.json says of an identity. Everybody may read every stream. */
export interface Rights {
  /** In a few words. */
  readonly does: string;
  /** Subjects it publishes. */
  readonly publishes: readonly string[];
  /** Subjects it subscribes to, besides the answers to its own requests. */
  readonly hears?: readonly string[];
  /** Subjects on which it is asked: it may answer each question once. */
  readonly answers?: readonly string[];
  /** Keys of the control bucket that it writes. */
  readonly keys?: readonly string[];
  /** It puts commands of people on the list, and takes them off it. */
  readonly commands?: true;
  /** It keeps state snapshots in a bucket of its own. */
  readonly snapshots?: true;
  /** It makes, changes, empties and removes streams. */
  readonly streams?: true;
}

/** What the server is told: anything not allowed is refused. */
export interface SubjectPermissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
  readonly allow_responses?: { readonly max: number; readonly expires: string };
}

/** The rights are data: infra/nats/permissions.json. */
export function loadRights(): Readonly<Record<BusIdentity, Rights>> {
  const path = resolve(__dirname, '..', '..', '..', 'infra', 'nats', 'permissions.json');
  // our own file, in the repository; a test holds its keys and BUS_IDENTITIES together
  return JSON.parse(readFileSync(path, 'utf8')) as Record<BusIdentity, Rights>;
}

const READS = [
  '$SYS.REQ.USER.INFO',
  '$JS.API.INFO',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.MSG.GET.*',
  '$JS.API.DIRECT.GET.>',
  '$JS.API.CONSUMER.CREATE.*.>',
  '$JS.API.CONSUMER.INFO.*.*',
  '$JS.API.CONSUMER.DELETE.*.*',
  '$JS.API.CONSUMER.MSG.NEXT.*.*',
];

/** Where a connection hears the answers to its requests: nobody else hears them, and nobody can forge one. */
export function inboxOf(publicKey: string): string {
  return `_INBOX.${publicKey}`;
}

/** Everything that an identity may do on the bus, as subjects. `publicKey`: of its credential. */
export function permissionsOf(identity: BusIdentity, publicKey: string): SubjectPermissions {
  const rights = loadRights()[identity];
  const { controlBucket, commandBucket } = loadStreamDefinitions();
  const { hears = [], answers = [] } = rights;
  const heard = {
    subscribe: { allow: [`${inboxOf(publicKey)}.>`, ...hears, ...answers] },
    ...(answers.length === 0 ? {} : { allow_responses: { max: 1, expires: '5s' } }),
  };
  const keys = [
    ...(rights.keys ?? []).map((key) => `$KV.${controlBucket.name}.${key}`),
    ...(rights.commands === true ? [`$KV.${commandBucket.name}.*`] : []),
  ];
  if (rights.streams === true)
    return {
      publish: { allow: ['$SYS.REQ.USER.INFO', '$JS.API.>', ...rights.publishes, ...keys], deny: [] },
      ...heard,
    };
  return {
    publish: {
      allow: [
        ...READS,
        ...rights.publishes,
        ...keys,
        ...(rights.snapshots === true ? snapshotSubjects(identity) : []),
      ],
      deny: [],
    },
    ...heard,
  };
}

/** Its own cache, which it also tidies. */
function snapshotSubjects(service: string): readonly string[] {
  const bucket = `${loadStreamDefinitions().snapshotBuckets.namePrefix}${service}`;
  return [`$O.${bucket}.>`, `$JS.API.STREAM.PURGE.OBJ_${bucket}`];
}
