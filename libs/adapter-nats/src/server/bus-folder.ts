import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { BUS_IDENTITIES } from '../permissions';
import { credsFileIn, ensureBusKeys } from './bus-keys';
import { serverConfig } from './server-config';

export interface BusFolderOptions {
  /** What clients call the server, besides the loopback. */
  readonly hosts: readonly string[];
  readonly listen: string;
  /** Where the server keeps its streams, as it sees it. */
  readonly storeDir: string;
  /** Where the server finds the folder `server`, as it sees it; where it lies here unless told. */
  readonly serverDir?: string;
}

/**
 * All that a server of somebody else's needs, in a folder: `server` with configuration and certificate, and one folder for
 * each identity with its credential and the authority's certificate. Nobody needs to see more than his own. Keys that are
 * there stay; the configuration is written anew.
 */
export function writeBusFolder(dir: string, options: BusFolderOptions): void {
  const { hosts, listen, storeDir } = options;
  const keys = ensureBusKeys(dir, hosts);
  const server = join(dir, 'server');
  give(server, [keys.certFile, keys.keyFile]);
  const config = serverConfig({
    listen,
    serverName: 'evenkeel',
    storeDir,
    keys,
    keysAt: options.serverDir ?? server,
    jetstream: ['sync_interval: always'],
    // For a probe on the machine itself, and for nobody else.
    settings: ['http: "127.0.0.1:8222"'],
  });
  writePrivate(join(server, 'nats.conf'), config);
  for (const identity of BUS_IDENTITIES) give(join(dir, identity), [credsFileIn(dir, identity), keys.caFile]);
}

function give(dir: string, files: readonly string[]): void {
  makeFolder(dir, 0o700);
  for (const file of files) {
    const copy = join(dir, basename(file));
    copyFileSync(file, copy);
    chmodSync(copy, 0o600);
  }
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
