import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  cosignText,
  decideCosign,
  formatNote,
  originOfRequest,
  parseAddCheckpoint,
  parseNote,
  signatureLine,
  textOf,
} from '@evenkeel/audit';
import type { NoteSignature, SigningPort, WitnessAnswer, WitnessedLog } from '@evenkeel/audit';
import { OperationalError } from '@evenkeel/kernel';
import { writeDurably } from './durable-file';
import { HeadFolder } from './head-folder';

export interface WitnessOptions {
  readonly logs: ReadonlyMap<string, WitnessedLog>;
  /** A cosignature/v1 key. */
  readonly signer: SigningPort;
  /** Holds one head file per log, and what logs signed that they should not have. */
  readonly stateFolder: string;
  /** POSIX seconds. */
  readonly now: () => number;
  readonly onMisbehaviour?: (message: string, file: string) => void;
}

export interface WitnessHttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const BODY_BYTES_MAX = 1_000_000;
const TEXT = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

/** A tlog-witness over a state folder: one request per log at a time, remembered on disk before it is answered. */
export class Witness {
  private readonly heads: HeadFolder;
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly options: WitnessOptions) {
    this.heads = new HeadFolder(options.stateFolder);
  }

  /** Answers the body of `POST /add-checkpoint`. */
  addCheckpoint(body: string): Promise<WitnessHttpReply> {
    const origin = originOfRequest(body);
    const known = origin !== undefined && this.options.logs.has(origin);
    if (origin === undefined || !known) return this.answer(body, undefined);
    const turn = (this.queues.get(origin) ?? Promise.resolve()).then(() => this.answer(body, origin));
    this.queues.set(
      origin,
      turn.catch(() => undefined),
    );
    return turn;
  }

  private async answer(body: string, origin: string | undefined): Promise<WitnessHttpReply> {
    const { logs, signer, now } = this.options;
    const last = origin === undefined ? undefined : await this.heads.load(origin);
    const answer = decideCosign(logs, last, body);
    if (answer.kind !== 'cosign') return this.refuse(answer, body);
    await this.heads.save(answer.record);
    const signature = await cosignText(answer.body, now(), signer);
    this.keepCosigned(answer.record.origin, body, signature);
    return { status: 200, contentType: TEXT, body: signatureLine(signature) };
  }

  /** The newest checkpoint as it was cosigned: what the auditor holds against the log later (`keel audit verify --checkpoint`). */
  private keepCosigned(origin: string, body: string, signature: NoteSignature): void {
    const request = parseAddCheckpoint(body);
    const note = request.ok ? parseNote(request.value.note) : undefined;
    if (note?.ok !== true) return;
    const { text, signatures } = note.value;
    const name = `${createHash('sha256').update(origin).digest('hex').slice(0, 16)}-checkpoint.txt`;
    writeDurably(
      join(this.options.stateFolder, name),
      formatNote({ text, signatures: [...signatures, signature] }),
    );
  }

  private refuse(answer: Exclude<WitnessAnswer, { kind: 'cosign' }>, body: string): WitnessHttpReply {
    if (answer.misbehaviour) this.keepEvidence(answer.message, body);
    if (answer.kind === 'conflict') return { status: 409, contentType: SIZE, body: `${answer.size}\n` };
    return { status: answer.status, contentType: TEXT, body: `${answer.message}\n` };
  }

  /** The log signed it: the request itself is the proof of what it did. */
  private keepEvidence(message: string, body: string): void {
    const name = `misbehaviour-${createHash('sha256').update(body).digest('hex').slice(0, 16)}.txt`;
    const file = join(this.options.stateFolder, name);
    writeDurably(file, body);
    this.options.onMisbehaviour?.(message, file);
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array); // an IncomingMessage without encoding yields buffers
    size += bytes.length;
    if (size > BODY_BYTES_MAX) return undefined;
    chunks.push(bytes);
  }
  return textOf(Buffer.concat(chunks));
}

async function handle(witness: Witness, request: IncomingMessage): Promise<WitnessHttpReply> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/healthz' && request.method === 'GET')
    return { status: 200, contentType: TEXT, body: 'ok\n' };
  if (!path.endsWith('/add-checkpoint')) return { status: 404, contentType: TEXT, body: 'Not here.\n' };
  if (request.method !== 'POST') return { status: 405, contentType: TEXT, body: 'Use POST.\n' };
  const body = await readBody(request);
  if (body === undefined)
    return { status: 400, contentType: TEXT, body: 'The body is too long or not UTF-8.\n' };
  return witness.addCheckpoint(body);
}

function send(response: ServerResponse, reply: WitnessHttpReply): void {
  response.writeHead(reply.status, { 'content-type': reply.contentType, 'cache-control': 'no-store' });
  response.end(reply.body);
}

export interface RunningWitness {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a witness over HTTP. `port` 0 takes a free one. */
export function serveWitness(witness: Witness, port: number, host = '127.0.0.1'): Promise<RunningWitness> {
  const server: Server = createServer((request, response) => {
    handle(witness, request).then(
      (reply) => send(response, reply),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : 'It failed.';
        send(response, { status: 500, contentType: TEXT, body: `${message}\n` });
      },
    );
  });
  server.requestTimeout = 30_000;
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new OperationalError({
          code: 'AUDIT.WITNESS_CANNOT_LISTEN',
          message: `Port ${port}: ${cause.message}`,
          cause,
        }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve({ url: `http://${host}:${actual}`, port: actual, close: () => closeServer(server) });
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
