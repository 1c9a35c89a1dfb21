import { fromHex, sameBytes, toHex } from '@evenkeel/kernel';
import { verifyConsistency } from '../merkle/consistency';
import { rfc6962 } from '../merkle/hasher';
import { parseCheckpoint } from '../notes/checkpoint';
import type { Checkpoint } from '../notes/checkpoint';
import type { HeadRecord } from '../notes/head-guard';
import { keysAt } from '../notes/keyring';
import type { Keyring } from '../notes/keyring';
import { openNote } from '../notes/open-note';
import { parseNote } from '../notes/signed-note';
import { parseAddCheckpoint } from './add-checkpoint';
import type { AddCheckpoint } from './add-checkpoint';

/** What a witness answers. Only `cosign` changes what it remembers, and it remembers before it answers. */
export type WitnessAnswer =
  | { readonly kind: 'cosign'; readonly record: HeadRecord; readonly body: string }
  /** 409: the size the witness holds, so that the log can prove from there. */
  | {
      readonly kind: 'conflict';
      readonly size: number;
      readonly misbehaviour: boolean;
      readonly message: string;
    }
  | {
      readonly kind: 'refuse';
      readonly status: 400 | 403 | 404 | 422;
      /** The log signed this and it does not extend what it signed before: evidence worth keeping. */
      readonly misbehaviour: boolean;
      readonly message: string;
    };

export interface WitnessedLog {
  readonly keyring: Keyring;
}

/** The checkpoint an add-checkpoint request is about, before anything is believed of it. */
export interface SubmittedCheckpoint {
  readonly request: AddCheckpoint;
  readonly checkpoint: Checkpoint;
}

/** The origin a request names, so that a host can take that log's lock; `undefined` when it is unreadable. */
export function originOfRequest(body: string): string | undefined {
  const submitted = readSubmission(body);
  return 'kind' in submitted ? undefined : submitted.checkpoint.origin;
}

function readSubmission(body: string): SubmittedCheckpoint | WitnessAnswer {
  const request = parseAddCheckpoint(body);
  if (!request.ok) return refuse(400, request.failure.message);
  const note = parseNote(request.value.note);
  if (!note.ok) return refuse(400, note.failure.message);
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) return refuse(400, checkpoint.failure.message);
  return { request: request.value, checkpoint: checkpoint.value };
}

/**
 * The judgement of C2SP tlog-witness on one request, given what this witness cosigned last for the log. `logs` maps
 * an origin to its keys. Pure: the host holds the lock, persists `record`, and only then signs.
 */
export function decideCosign(
  logs: ReadonlyMap<string, WitnessedLog>,
  last: HeadRecord | undefined,
  body: string,
): WitnessAnswer {
  const submitted = readSubmission(body);
  if ('kind' in submitted) return submitted;
  const { request, checkpoint } = submitted;
  const log = logs.get(checkpoint.origin);
  if (log === undefined) return refuse(404, `No log ${checkpoint.origin} is known here.`);
  const note = parseNote(request.note);
  const opened = note.ok ? openNote(note.value, keysAt(log.keyring, checkpoint.size)) : note;
  if (!opened.ok) return refuse(403, opened.failure.message);
  if (request.oldSize > checkpoint.size) return refuse(400, 'The old size is beyond the checkpoint.');
  return judgeHead(last, request, checkpoint, opened.value.text);
}

function judgeHead(
  last: HeadRecord | undefined,
  request: AddCheckpoint,
  checkpoint: Checkpoint,
  text: string,
): WitnessAnswer {
  const heldSize = last?.size ?? 0;
  const heldRoot = last === undefined ? rfc6962.emptyRoot : fromHex(last.root);
  if (heldRoot === undefined) return refuse(422, 'The record of what was cosigned last is unreadable.');
  if (request.oldSize !== heldSize) {
    return {
      kind: 'conflict',
      size: heldSize,
      misbehaviour: false,
      message: `Size ${heldSize} was cosigned last, not ${request.oldSize}.`,
    };
  }
  if (checkpoint.size === heldSize && !sameBytes(checkpoint.root, heldRoot)) {
    return {
      kind: 'conflict',
      size: heldSize,
      misbehaviour: true,
      message: `Another root of size ${heldSize} was cosigned before: this log has forked.`,
    };
  }
  const old = { size: heldSize, root: heldRoot };
  if (!verifyConsistency(old, { size: checkpoint.size, root: checkpoint.root }, request.proof)) {
    return {
      kind: 'refuse',
      status: 422,
      misbehaviour: true,
      message: `Nothing shows that size ${checkpoint.size} extends the cosigned size ${heldSize}.`,
    };
  }
  const record = { origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root) };
  return { kind: 'cosign', record, body: text };
}

function refuse(status: 400 | 403 | 404, message: string): WitnessAnswer;
function refuse(status: 422, message: string): WitnessAnswer;
function refuse(status: 400 | 403 | 404 | 422, message: string): WitnessAnswer {
  return { kind: 'refuse', status, misbehaviour: false, message };
}
