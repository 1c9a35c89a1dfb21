import { readFileSync } from 'node:fs';
import { authorsOf } from '@evenkeel/adapter-nats';
import type { Epoch, TrustOptions } from '@evenkeel/adapter-nats';
import type { HostEnvironment } from '@evenkeel/config';
import { keyIdOf } from '@evenkeel/contracts';
import { keyFile, parsePublicKey, verifyNatively } from '@evenkeel/signing-keys';
import type { SigningKey } from '@evenkeel/signing-keys';
import { AuthorFault } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import type { CommitSigner } from '@evenkeel/eventing';
import { InvalidInputError, toHex } from '@evenkeel/kernel';
import type { NatsConnection } from '@nats-io/nats-core';

/** Who may write in the epoch, and what this process signs with. */
export interface CommitTrust {
  readonly authors: Authors;
  /** Absent where the epoch enrols no keys, and in a service that puts nothing on record. */
  readonly signer?: CommitSigner;
}

export function commitSigner({ publicKey, sign }: SigningKey): CommitSigner {
  return { keyId: keyIdOf(publicKey), sign };
}

/**
 * Reads the epoch's keys under the desk's key that this service is configured with, and its own key. Throws
 * `AUTHORS.UNSIGNED_EPOCH` where keys are required and the epoch has none, `InvalidInputError` where a key is missing or is
 * not the one that the epoch enrolled for this service.
 */
export async function openTrust(
  service: string,
  environment: HostEnvironment,
  connection: NatsConnection,
  epoch: Epoch,
): Promise<CommitTrust> {
  const authors = await authorsOf(connection, epoch, trustOf(environment));
  const path = environment.EK_COMMIT_KEY_FILE;
  if (!authors.signed || path === undefined) return { authors };
  const signer = commitSigner(keyFile(path, 'EK_COMMIT_KEY_FILE'));
  const id = toHex(signer.keyId);
  const enrolled = authors.enrolled.find((key) => toHex(keyIdOf(key.publicKey)) === id);
  if (enrolled === undefined || enrolled.service !== service || enrolled.removedAt !== undefined) {
    const message = `key ${id} is not one that epoch ${epoch.epoch} accepts of ${service}`;
    throw new InvalidInputError('EK_COMMIT_KEY_FILE', [{ path, message }]);
  }
  return { authors, signer };
}

/** Orders at a real venue leave only by what somebody answers for. Throws `AUTHORS.UNSIGNED_EPOCH`. */
export function requireSignatures(
  { EK_SIGNATURES }: Pick<HostEnvironment, 'EK_SIGNATURES'>,
  venues: readonly string[],
): void {
  if (venues.length === 0 || EK_SIGNATURES === 'required') return;
  throw new AuthorFault(
    'AUTHORS.UNSIGNED_EPOCH',
    `orders would leave for ${venues.join(', ')} by commits that nobody need have signed: EK_SIGNATURES must be required`,
  );
}

function trustOf({ EK_SIGNATURES, EK_DESK_KEY_FILE }: HostEnvironment): TrustOptions {
  const required = EK_SIGNATURES === 'required';
  const missing = required && EK_DESK_KEY_FILE === undefined;
  if (missing) {
    const message = 'is not set: the public key of the desk, to tell its epochs from those of a stranger';
    throw new InvalidInputError('the environment', [{ path: 'EK_DESK_KEY_FILE', message }]);
  }
  if (EK_DESK_KEY_FILE === undefined) return { verify: verifyNatively, required };
  const deskKey = parsePublicKey(readFileSync(EK_DESK_KEY_FILE, 'utf8'), EK_DESK_KEY_FILE);
  return { verify: verifyNatively, required, deskKey };
}
