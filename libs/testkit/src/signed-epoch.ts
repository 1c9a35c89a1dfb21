import { keyIdOf, sealWith } from '@evenkeel/contracts';
import { signingKeyOf } from '@evenkeel/signing-keys';
import type { SigningKey } from '@evenkeel/signing-keys';
import { NO_HEAD, SIGNING_SERVICES, enrolled, enrolmentDraft, envelopeOf, originOf } from '@evenkeel/engine';
import type { Head, Origin, ServiceKey } from '@evenkeel/engine';
import type { Commit, CommitSigner, SealedCommit } from '@evenkeel/eventing';
import type { CommitDraft, DomainEvent } from '@evenkeel/facts';
import { required, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { TEST_PRODUCER } from './commits';

const PKCS8_ED25519 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/** A key made of a name: the same name gives the same key, so that signed bytes can be golden. */
export function keyNamed(name: string): SigningKey {
  const der = Uint8Array.from([...PKCS8_ED25519, ...sha256(utf8(name))]);
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return required(signingKeyOf(pem), 'a key made of a name');
}

export function signerNamed(name: string): CommitSigner {
  const { publicKey, sign } = keyNamed(name);
  return { keyId: keyIdOf(publicKey), sign };
}

export interface SignedCommitOptions {
  /** Whose name it carries; the service that speaks for the context unless told. */
  readonly producer?: string;
  readonly head?: Head;
  readonly origin?: Origin;
  readonly fencingToken?: bigint | undefined;
  /** What is changed of the envelope before it is signed. */
  readonly change?: (commit: Commit) => Commit;
}

/** An epoch whose services have keys of their own, made of their names. */
export class SignedEpoch {
  constructor(readonly epoch: string) {}

  static get keys(): readonly ServiceKey[] {
    return Object.keys(SIGNING_SERVICES).map((service) => ({
      service,
      publicKey: keyNamed(service).publicKey,
    }));
  }

  get deskKey(): Uint8Array {
    return keyNamed('keel').publicKey;
  }

  /** Its first commit. */
  opening(): SealedCommit {
    return this.byTheDesk(enrolmentDraft(SignedEpoch.keys, '2026-01-01T00:00:00Z'), NO_HEAD);
  }

  /** The next commit about keys, after `head`. */
  rotation(events: readonly DomainEvent[], head: Head): SealedCommit {
    const draft = enrolmentDraft([], '2026-01-01T00:00:00Z');
    return this.byTheDesk({ ...draft, events }, head);
  }

  removal(service: string, key = keyNamed(service)): DomainEvent {
    const at = '2026-01-01T00:00:00Z';
    const publicKey = toHex(key.publicKey);
    return { type: 'CommitKeyRemoved', payload: { service, publicKey, reason: 'test', at } };
  }

  enrolment(service: string, key: SigningKey): DomainEvent {
    return enrolled({ service, publicKey: key.publicKey }, '2026-01-01T00:00:00Z');
  }

  /** A first fact of a person's. */
  fact(draft: CommitDraft): SealedCommit {
    return this.byTheDesk(draft, NO_HEAD, originOf('boot', `boot-${draft.aggregate.id}`));
  }

  /** A commit as `signer` (a name) would sign it; `undefined` signs nothing. */
  seal(draft: CommitDraft, signer: string | undefined, options: SignedCommitOptions = {}): SealedCommit {
    const { context } = draft.aggregate;
    const owner = Object.keys(SIGNING_SERVICES).find((name) => SIGNING_SERVICES[name]?.includes(context));
    const { producer = owner ?? '', head = NO_HEAD, change = (commit) => commit } = options;
    const fencingToken = 'fencingToken' in options ? options.fencingToken : 1n;
    const commit = envelopeOf(draft, {
      epoch: this.epoch,
      producer: { ...TEST_PRODUCER, service: producer },
      clock: { receivedTime: 0n, decidedTime: 0n, source: 'test', maxErrorNs: 0n },
      origin: options.origin ?? originOf('host', `${draft.aggregate.id}-${head.version}`),
      index: 0,
      head,
      fencingToken,
    });
    return sealWith({ signer: signer === undefined ? undefined : signerNamed(signer) })(change(commit));
  }

  private byTheDesk(draft: CommitDraft, head: Head, origin?: Origin): SealedCommit {
    return this.seal(draft, 'keel', {
      producer: 'keel',
      head,
      fencingToken: undefined,
      ...(origin === undefined ? {} : { origin }),
    });
  }
}
