import { permissionsOf } from '../permissions';
import { loadStreamDefinitions } from '../streams';
import type { BusKeys } from './bus-keys';

export interface ServerConfigOptions {
  /** `host:port` */
  readonly listen: string;
  readonly serverName: string;
  readonly storeDir: string;
  /** TLS, and one user for each identity with its permissions; without them the server is open. */
  readonly keys?: BusKeys;
  /** Where the server finds the files of `keys`, when that is not where they lie here. */
  readonly keysAt?: string;
  /** Further lines inside `jetstream { … }`. */
  readonly jetstream?: readonly string[];
  /** Further lines of the whole. */
  readonly settings?: readonly string[];
}

/** The configuration of a nats-server, ours or somebody's. */
export function serverConfig(options: ServerConfigOptions): string {
  const { listen, serverName, storeDir, keys, jetstream = [], settings = [] } = options;
  const { maxPayloadBytes, maxFileBytes } = loadStreamDefinitions().server;
  return [
    `listen: ${JSON.stringify(listen)}`,
    `server_name: ${JSON.stringify(serverName)}`,
    `max_payload: ${maxPayloadBytes}`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(storeDir)}`,
    '  max_mem: 256MB',
    `  max_file: ${maxFileBytes}`,
    ...jetstream.map((line) => `  ${line}`),
    '}',
    ...(keys === undefined ? [] : doors(keys, options.keysAt ?? keys.dir)),
    ...settings,
    '',
  ].join('\n');
}

function doors({ users }: BusKeys, dir: string): readonly string[] {
  const at = (name: string): string => JSON.stringify(`${dir}/${name}`);
  return [
    'tls {',
    `  cert_file: ${at('server.pem')}`,
    `  key_file: ${at('server.key')}`,
    '  timeout: 5',
    '}',
    'authorization {',
    '  timeout: 5',
    '  users: [',
    ...[...users].flatMap(([identity, publicKey]) => [
      `    # ${identity}`,
      `    { nkey: ${publicKey}, permissions: ${JSON.stringify(permissionsOf(identity, publicKey))} }`,
    ]),
    '  ]',
    '}',
  ];
}
