import { formatAddCheckpoint, formatNote, parseNote, readWitnessAnswer } from '@evenkeel/audit';
import type {
  Hash,
  NoteSignature,
  SignedNote,
  VerifierKey,
  WitnessAlert,
  WitnessReply,
} from '@evenkeel/audit';
import { EvenkeelError } from '@evenkeel/kernel';

export interface WitnessEndpoint {
  /** A cosignature/v1 key. */
  readonly key: VerifierKey;
  /** Submission prefix; `/add-checkpoint` is added. */
  readonly url: string;
}

export interface PublishedCheckpoint {
  /** The note with every cosignature that came back. */
  readonly note: string;
  readonly cosignedBy: readonly string[];
  /** To be recorded as facts and raised; never a reason to wait. */
  readonly alerts: readonly WitnessAlert[];
}

/** Consistency proof from an earlier size to the size being published. */
export type ProofFrom = (oldSize: number) => readonly Hash[];

const ROUNDS_MAX = 3;
/** A cosignature has a few hundred bytes. */
const ANSWER_MAX_BYTES = 64 * 1024;

/**
 * Brings checkpoints to witnesses. All are asked at once, each within `timeoutMs`; a witness that is away or refuses
 * becomes an alert in the result. The sizes they cosigned are remembered to save a round trip, and relearnt if wrong.
 */
export class WitnessClient {
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly witnesses: readonly WitnessEndpoint[],
    private readonly timeoutMs: number,
  ) {}

  /** How many witnesses are asked. */
  get count(): number {
    return this.witnesses.length;
  }

  async publish(noteText: string, size: number, proofFrom: ProofFrom): Promise<PublishedCheckpoint> {
    const parsed = parseNote(noteText);
    if (!parsed.ok) throw new EvenkeelError(parsed.failure);
    const note = parsed.value;
    const replies = await Promise.all(
      this.witnesses.map((witness) => this.ask(witness, { note, noteText, size, proofFrom })),
    );
    const signatures: NoteSignature[] = [];
    const alerts: WitnessAlert[] = [];
    for (const reply of replies) {
      if (reply.kind === 'cosigned') signatures.push(...reply.signatures);
      else if (reply.kind === 'alert') alerts.push(reply.alert);
    }
    return {
      note: formatNote({ text: note.text, signatures: [...note.signatures, ...signatures] }),
      cosignedBy: signatures.map((signature) => signature.name),
      alerts,
    };
  }

  private async ask(
    witness: WitnessEndpoint,
    published: { note: SignedNote; noteText: string; size: number; proofFrom: ProofFrom },
  ): Promise<WitnessReply> {
    const { note, noteText, size, proofFrom } = published;
    let oldSize = Math.min(this.sizes.get(witness.url) ?? 0, size);
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const proof = proofFrom(oldSize);
      const reply = await this.post(witness, formatAddCheckpoint({ oldSize, proof, note: noteText }), {
        body: note.text,
        size,
        oldSize,
      });
      if (reply.kind === 'cosigned') this.sizes.set(witness.url, size);
      if (reply.kind !== 'prove-from') return reply;
      oldSize = reply.size;
    }
    return unreachable(witness, `It changed its mind about its size ${ROUNDS_MAX} times.`);
  }

  private async post(
    witness: WitnessEndpoint,
    body: string,
    submitted: { body: string; size: number; oldSize: number },
  ): Promise<WitnessReply> {
    try {
      const response = await fetch(`${witness.url.replace(/\/+$/, '')}/add-checkpoint`, {
        method: 'POST',
        body,
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      return readWitnessAnswer(
        { status: response.status, body: await bodyWithin(response, ANSWER_MAX_BYTES) },
        witness.key,
        submitted,
      );
    } catch (error) {
      return unreachable(witness, reasonOf(error));
    }
  }
}

/** The body of an answer. Throws where it is longer than `maxBytes`, without having read the rest. */
async function bodyWithin(response: Response, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array; // what a fetched body is made of
    size += bytes.length;
    if (size > maxBytes) throw new Error(`Its answer is longer than ${maxBytes} bytes.`);
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function unreachable(witness: WitnessEndpoint, message: string): WitnessReply {
  return { kind: 'alert', alert: { code: 'AUDIT.WITNESS_UNREACHABLE', witness: witness.key.name, message } };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'It could not be reached.';
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}
