import { EvenkeelError, IntegrityFault, success, utf8 } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { TreeHead } from '../merkle/consistency';
import type { Hash } from '../merkle/hasher';
import { formatCheckpoint } from './checkpoint';
import { cosignatureMessage, joinTimestamped } from './cosignature-format';
import { authoriseHead } from './head-guard';
import type { HeadRecord } from './head-guard';
import { ed25519Notes } from './note-algorithms';
import { formatNote } from './signed-note';
import type { NoteSignature } from './signed-note';
import { SIGNATURE_TYPE } from './verifier-key';
import type { VerifierKey } from './verifier-key';

/** Whoever holds a private key: a file, an HSM, a cloud KMS. */
export interface SigningPort {
  readonly key: VerifierKey;
  /** The raw signature over exactly these bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Where the last head given to a signer is remembered. `save` returns only once it would survive a crash. */
export interface HeadStore {
  load(origin: string): Promise<HeadRecord | undefined>;
  save(record: HeadRecord): Promise<void>;
}

/** Signs a note text; refuses to hand out a signature that does not verify. */
export async function signText(text: string, signer: SigningPort): Promise<NoteSignature> {
  const signature = await signer.sign(utf8(text));
  if (signer.key.type !== SIGNATURE_TYPE.ed25519 || !ed25519Notes.verify(signer.key, text, signature)) {
    throw new IntegrityFault({
      code: 'AUDIT.SIGNER_BROKEN',
      message: `The signer of ${signer.key.name} returned a signature that its own public key refuses.`,
    });
  }
  return { name: signer.key.name, keyId: signer.key.keyId, signature };
}

/** A witness's cosignature on a checkpoint body. `timeSeconds`: POSIX seconds. */
export async function cosignText(
  body: string,
  timeSeconds: number,
  signer: SigningPort,
): Promise<NoteSignature> {
  const signature = await signer.sign(cosignatureMessage(body, timeSeconds));
  return {
    name: signer.key.name,
    keyId: signer.key.keyId,
    signature: joinTimestamped(timeSeconds, signature),
  };
}

/**
 * Signs the heads of one log. The head is remembered before the first signature over it exists, so a crash in between
 * costs a signature and never a fork; a head that does not extend the remembered one is never signed.
 */
export class CheckpointIssuer {
  private busy = false;

  constructor(
    private readonly origin: string,
    private readonly heads: HeadStore,
  ) {}

  /** The head last authorised for signing: what the next consistency proof must start from. */
  last(): Promise<HeadRecord | undefined> {
    return this.heads.load(this.origin);
  }

  /** The signed checkpoint note, or why it was refused. `proof` leads from `last()` to `head`. */
  async issue(
    head: TreeHead,
    proof: readonly Hash[],
    signers: readonly SigningPort[],
  ): Promise<Result<string>> {
    if (this.busy) {
      throw new EvenkeelError({
        code: 'AUDIT.ISSUER_BUSY',
        message: 'Checkpoints of one log are signed one by one.',
      });
    }
    this.busy = true;
    try {
      const authorised = authoriseHead(this.origin, await this.heads.load(this.origin), head, proof);
      if (!authorised.ok) return authorised;
      await this.heads.save(authorised.value);
      const text = formatCheckpoint({
        origin: this.origin,
        size: head.size,
        root: head.root,
        extensions: [],
      });
      const signatures: NoteSignature[] = [];
      for (const signer of signers) signatures.push(await signText(text, signer));
      return success(formatNote({ text, signatures }));
    } finally {
      this.busy = false;
    }
  }
}
