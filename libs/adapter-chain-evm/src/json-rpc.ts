import { request as plainRequest, Agent as PlainAgent } from 'node:http';
import { request as secureRequest, Agent as SecureAgent } from 'node:https';
import { OperationalError } from '@evenkeel/kernel';
import { unreadable } from './hex';

/** How a node refused, in words of ours; `OTHER` where it used none that we know. */
export type Refusal =
  | 'NONCE_TOO_LOW'
  | 'ALREADY_KNOWN'
  | 'UNDERPRICED_REPLACEMENT'
  | 'UNDERPRICED'
  | 'INSUFFICIENT_FUNDS'
  | 'GAS_LIMIT'
  | 'REVERTED'
  | 'NO_SUCH_METHOD'
  | 'OTHER';

const REFUSALS: readonly (readonly [RegExp, Refusal])[] = [
  [/replacement|gas price too low to replace|transaction underpriced.*replac/i, 'UNDERPRICED_REPLACEMENT'],
  [/already known|already imported|known transaction|alreadyexists/i, 'ALREADY_KNOWN'],
  [/nonce too low|nonce is too low|invalid nonce|oldnonce/i, 'NONCE_TOO_LOW'],
  [/insufficient funds|insufficientfunds/i, 'INSUFFICIENT_FUNDS'],
  [/underpriced|fee too low|max fee per gas less than block base fee|feetoolow/i, 'UNDERPRICED'],
  [/intrinsic gas|gas limit|exceeds block gas|out of gas/i, 'GAS_LIMIT'],
  [/revert/i, 'REVERTED'],
  [/method not found|not supported|does not exist/i, 'NO_SUCH_METHOD'],
];

/** A node answered and said no. Its own words are not kept: some repeat the request, some the address they were asked at. */
export class NodeRefused extends OperationalError {
  constructor(
    readonly node: string,
    readonly method: string,
    readonly refusal: Refusal,
    /** What a call reverted with, `0x` and hex digits; absent where the node gave none. */
    readonly revertData?: string,
  ) {
    super({ code: 'CHAIN.NODE_REFUSED', message: `${node} refused ${method}: ${refusal}` });
  }
}

/** No answer: whether the node did what it was asked is unknown. */
export class NodeSilent extends OperationalError {
  constructor(
    readonly node: string,
    readonly method: string,
    what: string,
  ) {
    super({ code: 'CHAIN.NODE_SILENT', message: `${node} gave no answer to ${method}: ${what}` });
  }
}

export interface NodeSettings {
  /** Stands in logs and errors in place of the URL. */
  readonly name: string;
  /** May hold a key; it leaves this object in requests alone. */
  readonly url: string;
  readonly timeoutMs?: number;
}

export type Call = readonly [method: string, params: readonly unknown[]];

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 << 20;

/** A node over JSON-RPC. Errors are made here from nothing that the transport or the node says. */
export class ChainNode {
  readonly name: string;
  readonly #url: URL;
  readonly #agent: PlainAgent | SecureAgent;
  readonly #timeoutMs: number;
  #serial = 0;

  constructor({ name, url, timeoutMs = TIMEOUT_MS }: NodeSettings) {
    this.name = name;
    this.#url = parsedUrl(name, url);
    this.#timeoutMs = timeoutMs;
    const keep = { keepAlive: true, maxSockets: 16 };
    this.#agent = this.#url.protocol === 'https:' ? new SecureAgent(keep) : new PlainAgent(keep);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Throws `NodeRefused`, or `NodeSilent` where the outcome is unknown. */
  async call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const id = this.nextId();
    const answer = await this.post(method, { jsonrpc: '2.0', id, method, params });
    return this.resultOf(method, answer, id);
  }

  /** Several calls in one request; the first that was refused throws. */
  async batch(calls: readonly Call[]): Promise<unknown[]> {
    if (calls.length === 0) return [];
    const requests = calls.map(([method, params]) => ({ jsonrpc: '2.0', id: this.nextId(), method, params }));
    const first = requests[0]?.method ?? 'batch';
    const answer = await this.post(first, requests);
    if (!Array.isArray(answer)) throw unreadable('a list of answers');
    const byId = new Map(answer.map((one: unknown) => [field(one, 'id'), one]));
    return requests.map(({ id, method }) => this.resultOf(method, byId.get(id), id));
  }

  private nextId(): number {
    this.#serial += 1;
    return this.#serial;
  }

  private resultOf(method: string, answer: unknown, id: number): unknown {
    const error = field(answer, 'error');
    if (error !== undefined && error !== null) throw refusalOf(this.name, method, error);
    if (field(answer, 'id') !== id) throw unreadable(`the answer to ${method}`);
    return field(answer, 'result') ?? null;
  }

  private post(method: string, body: unknown): Promise<unknown> {
    const payload = Buffer.from(JSON.stringify(body));
    const send = this.#url.protocol === 'https:' ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const silent = (what: string): void => reject(new NodeSilent(this.name, method, what));
      const request = send(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', 'content-length': payload.length },
        },
        (response) => {
          const parts: Buffer[] = [];
          let size = 0;
          response.on('data', (part: Buffer) => {
            size += part.length;
            if (size > ANSWER_BYTES_MAX) response.destroy(new Error('too long'));
            else parts.push(part);
          });
          response.on('error', () => silent('the answer was cut off'));
          response.on('end', () => {
            if (response.statusCode !== 200) return silent(`HTTP status ${response.statusCode ?? 'unknown'}`);
            try {
              resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
            } catch {
              silent('the answer is no JSON');
            }
          });
        },
      );
      request.setTimeout(this.#timeoutMs, () => {
        silent(`nothing within ${this.#timeoutMs} ms`);
        request.destroy();
      });
      request.on('error', (error: NodeJS.ErrnoException) => silent(error.code ?? 'the connection failed'));
      request.end(payload);
    });
  }
}

function parsedUrl(name: string, text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  }
  throw new OperationalError({ code: 'CHAIN.NODE_URL', message: `the URL of ${name} is no http(s) URL` });
}

function refusalOf(node: string, method: string, error: unknown): NodeRefused {
  const message = String(field(error, 'message') ?? '');
  const refusal = REFUSALS.find(([words]) => words.test(message))?.[1] ?? 'OTHER';
  const data = field(error, 'data');
  const raw = typeof data === 'string' ? data : field(data, 'data');
  const reverted = typeof raw === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(raw);
  // A node repeats what a contract said, which is public; of any other refusal the data could be the request.
  if (refusal !== 'REVERTED' || !reverted) return new NodeRefused(node, method, refusal);
  return new NodeRefused(node, method, refusal, raw.toLowerCase());
}

/** A member of what may or may not be an object. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name]; // any object may be asked for any name
}
