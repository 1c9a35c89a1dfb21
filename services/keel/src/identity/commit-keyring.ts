import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import type { TrustOptions } from '@evenkeel/adapter-nats';
import { keyFile, madeIfMissing, parsePublicKey, verifyNatively } from '@evenkeel/signing-keys';
import type { SigningKey } from '@evenkeel/signing-keys';
import { DESK_SERVICE, SIGNING_SERVICES } from '@evenkeel/engine';
import type { ReplacedKey, ServiceKey } from '@evenkeel/engine';
import type { CommitSigner } from '@evenkeel/eventing';
import { commitSigner } from '@evenkeel/host';
import { OperationalError, toHex } from '@evenkeel/kernel';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';

/**
 * The keys that commits are signed with, one folder per service: `key.pem` (0600) and `desk.pub`, which is all that the
 * service needs of it. They are made where an epoch is opened, by `keysForOpening`. Where a service's key lies elsewhere, its
 * folder holds `key.pub` alone.
 */
export class CommitKeyring {
  private readonly dir: string;

  constructor({ identity }: Pick<Home, 'identity'>) {
    this.dir = join(identity, 'commit');
  }

  /** Where the keys of a service lie. */
  folderOf(service: string): string {
    return join(this.dir, service);
  }

  /** Where the desk's key is looked for. */
  get deskPath(): string {
    return settings().commitKeyFile ?? this.keyPath(DESK_SERVICE);
  }

  /** What first facts, and what people put on record, are signed with. Throws `AUTHORS.DESK_KEY_LOST`. */
  get desk(): CommitSigner {
    return commitSigner(this.deskKey());
  }

  /** The public key to it, where it is here. */
  get deskPublicKey(): Uint8Array | undefined {
    return existsSync(this.deskPath) ? this.deskKey().publicKey : undefined;
  }

  /** The keys that an epoch enrols, the desk's first. */
  all(replaces?: ReplacedKey): readonly ServiceKey[] {
    const { publicKey } = this.deskKey();
    const others = Object.keys(SIGNING_SERVICES).filter((service) => service !== DESK_SERVICE);
    return [
      { service: DESK_SERVICE, publicKey, ...(replaces === undefined ? {} : { replaces }) },
      ...others.map((service) => ({ service, publicKey: this.publicKeyOf(service) })),
    ];
  }

  /** How this home reads a journal: by the desk's public key, which stays known when the private one is lost. */
  trust(): TrustOptions {
    const { signaturesRequired: required } = settings();
    return { verify: verifyNatively, required, deskKey: this.deskPublicKey ?? this.laidOutDeskKey };
  }

  /** Makes what is missing of the services' keys, and lays out what each service needs to find. Returns whose key it made. */
  layOut(): readonly string[] {
    const made = Object.keys(SIGNING_SERVICES).filter(
      (service) => service !== DESK_SERVICE && !this.hasKeyOf(service),
    );
    for (const service of made) madeIfMissing(this.keyPath(service));
    for (const service of [...Object.keys(SIGNING_SERVICES), 'ledger']) this.environmentOf(service);
    return made;
  }

  /** Where a service process of this home finds its key and the desk's. Throws `AUTHORS.SERVICE_KEY_LOST`. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    const signs = Object.hasOwn(SIGNING_SERVICES, service);
    if (signs && service !== DESK_SERVICE) this.publicKeyOf(service);
    makeFolder(this.folderOf(service), 0o700);
    const deskKeyFile = this.deskKeyFile(service);
    const deskKey = `${toHex(this.deskKey().publicKey)}\n`;
    if (!existsSync(deskKeyFile) || readFileSync(deskKeyFile, 'utf8') !== deskKey)
      writeFileSync(deskKeyFile, deskKey);
    return {
      EK_SIGNATURES: settings().signaturesRequired ? 'required' : 'optional',
      EK_COMMIT_KEY_FILE: signs ? this.keyPath(service) : '',
      EK_DESK_KEY_FILE: deskKeyFile,
    };
  }

  /** The desk's key, made on first use: only where no epoch names one. */
  makeDesk(): void {
    if (settings().commitKeyFile === undefined) madeIfMissing(this.keyPath(DESK_SERVICE));
  }

  /** A further key for a service, which does not sign with it yet; the same until it does. */
  next(service: string): SigningKey {
    return madeIfMissing(this.nextPath(service));
  }

  hasNext(service: string): boolean {
    return existsSync(this.nextPath(service));
  }

  /** Puts the further key in the place of the one that the service signs with, once it is started again. */
  promote(service: string): void {
    renameSync(this.nextPath(service), this.keyPath(service));
  }

  private keyPath(service: string): string {
    return join(this.folderOf(service), 'key.pem');
  }

  private nextPath(service: string): string {
    return join(this.folderOf(service), 'next.pem');
  }

  private deskKeyFile(service: string): string {
    return join(this.folderOf(service), 'desk.pub');
  }

  private get laidOutDeskKey(): Uint8Array | undefined {
    const path = this.deskKeyFile(DESK_SERVICE);
    return existsSync(path) ? parsePublicKey(readFileSync(path, 'utf8'), path) : undefined;
  }

  private deskKey(): SigningKey {
    const { commitKeyFile } = settings();
    if (commitKeyFile !== undefined) return keyFile(commitKeyFile, 'EK_COMMIT_KEY_FILE');
    const path = this.keyPath(DESK_SERVICE);
    if (existsSync(path)) return keyFile(path, 'the desk’s commit key');
    throw deskKeyLost(path, this.laidOutDeskKey);
  }

  private hasKeyOf(service: string): boolean {
    return existsSync(this.keyPath(service)) || existsSync(join(this.folderOf(service), 'key.pub'));
  }

  private publicKeyOf(service: string): Uint8Array {
    const elsewhere = join(this.folderOf(service), 'key.pub');
    if (existsSync(elsewhere)) return parsePublicKey(readFileSync(elsewhere, 'utf8'), elsewhere);
    const path = this.keyPath(service);
    if (existsSync(path)) return keyFile(path, `the commit key of ${service}`).publicKey;
    throw serviceKeyLost(service, `it is not at ${path}`);
  }
}

/** `why`: what is wrong with the one that was looked for. */
export function serviceKeyLost(service: string, why: string): OperationalError {
  return new OperationalError({
    code: 'AUTHORS.SERVICE_KEY_LOST',
    message: `the commit key with which ${service} signs in the open epoch is lost (${why}): put it back from the backup, or enrol another with \`keel keys rotate ${service}\``,
  });
}

/** `named`: the public key to it, as far as it is known. */
export function deskKeyLost(path: string, named: Uint8Array | undefined, epoch?: number): OperationalError {
  const which = named === undefined ? '' : ` (public key ${toHex(named)})`;
  const whose = epoch === undefined ? '' : `, under which epoch ${epoch} was opened,`;
  return new OperationalError({
    code: 'AUTHORS.DESK_KEY_LOST',
    message: `the desk’s commit key${which}${whose} is not at ${path}; none is made in its place: put it back from the backup, or, where it is lost for good, \`keel keys replace-desk --reason "…"\` lets the next epoch open under another, on record`,
  });
}
