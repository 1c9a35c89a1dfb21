import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustOptions } from '@evenkeel/adapter-nats';
import { keyFile, madeIfMissing, parsePublicKey, verifyNatively } from '@evenkeel/signing-keys';
import type { SigningKey } from '@evenkeel/signing-keys';
import { DESK_SERVICE, SIGNING_SERVICES } from '@evenkeel/engine';
import type { ServiceKey } from '@evenkeel/engine';
import type { CommitSigner } from '@evenkeel/eventing';
import { commitSigner } from '@evenkeel/host';
import { toHex } from '@evenkeel/kernel';
import { settings } from '../stack/environment';
import type { Home } from '../stack/home';

/**
 * The keys that commits are signed with, one folder per service: `key.pem` (0600) and `desk.pub`, which is all that the
 * service needs of it. Made on first use. Where a service's key lies elsewhere, its folder holds `key.pub` alone.
 */
export class CommitKeyring {
  private readonly dir: string;

  constructor({ identity }: Pick<Home, 'identity'>) {
    this.dir = join(identity, 'commit');
  }

  /** The desk's own key: what first facts, and what people put on record, are signed with. */
  get desk(): CommitSigner {
    return commitSigner(this.deskKey());
  }

  /** The keys that an epoch enrols, the desk's first. */
  all(): readonly ServiceKey[] {
    const desk = this.deskKey();
    const others = Object.keys(SIGNING_SERVICES).filter((service) => service !== DESK_SERVICE);
    return [
      { service: DESK_SERVICE, publicKey: desk.publicKey },
      ...others.map((service) => ({ service, publicKey: this.publicKeyOf(service) })),
    ];
  }

  /** How the desk reads a journal, and what it signs with there. */
  forDesk(): { readonly trust: TrustOptions; readonly signer: CommitSigner } {
    return { trust: this.trust(), signer: this.desk };
  }

  trust(): TrustOptions {
    const { signaturesRequired: required } = settings();
    return { verify: verifyNatively, required, deskKey: this.deskKey().publicKey };
  }

  /** Lays out what each service needs to find, for services that are started by others. */
  layOut(): void {
    for (const service of [...Object.keys(SIGNING_SERVICES), 'ledger']) this.environmentOf(service);
  }

  /** Where a service process of this home finds its key and the desk's. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    const signs = Object.hasOwn(SIGNING_SERVICES, service);
    if (signs && service !== DESK_SERVICE) this.publicKeyOf(service);
    const folder = join(this.dir, service);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const deskKeyFile = join(folder, 'desk.pub');
    const deskKey = `${toHex(this.deskKey().publicKey)}\n`;
    if (!existsSync(deskKeyFile) || readFileSync(deskKeyFile, 'utf8') !== deskKey)
      writeFileSync(deskKeyFile, deskKey);
    return {
      EK_SIGNATURES: settings().signaturesRequired ? 'required' : 'optional',
      EK_COMMIT_KEY_FILE: signs ? join(folder, 'key.pem') : '',
      EK_DESK_KEY_FILE: deskKeyFile,
    };
  }

  /** A further key for a service, which does not sign with it yet; the same until it does. */
  next(service: string): SigningKey {
    return madeIfMissing(join(this.dir, service, 'next.pem'));
  }

  /** Puts the further key in the place of the one that the service signs with, once it is started again. */
  promote(service: string): void {
    renameSync(join(this.dir, service, 'next.pem'), join(this.dir, service, 'key.pem'));
  }

  private deskKey(): SigningKey {
    const { commitKeyFile } = settings();
    if (commitKeyFile !== undefined) return keyFile(commitKeyFile, 'EK_COMMIT_KEY_FILE');
    return madeIfMissing(join(this.dir, DESK_SERVICE, 'key.pem'));
  }

  private publicKeyOf(service: string): Uint8Array {
    const elsewhere = join(this.dir, service, 'key.pub');
    if (existsSync(elsewhere)) return parsePublicKey(readFileSync(elsewhere, 'utf8'), elsewhere);
    return madeIfMissing(join(this.dir, service, 'key.pem')).publicKey;
  }
}
