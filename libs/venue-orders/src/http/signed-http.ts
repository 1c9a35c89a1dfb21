import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

const BYTES_MAX = 16 * 1024 * 1024;
const SOCKETS_MAX = 8;

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** As it is signed and sent, without the question mark. */
  readonly query?: string;
  /** JSON, as it is signed and sent. */
  readonly body?: string;
}

/** `not-sent` is certain: no connection stood, so nothing has left. `unknown`: it may have arrived, and nobody heard an answer. */
export type HttpOutcome =
  | { readonly outcome: 'answered'; readonly status: number; readonly text: string }
  | { readonly outcome: 'not-sent' | 'unknown'; readonly reason: string };

/** Calls over connections that are kept, since a handshake costs more than an order may wait. */
export class HttpClient {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly open = new Set<ClientRequest>();

  constructor(
    private readonly baseUrl: string,
    private readonly timeoutMs: number,
  ) {
    const settings = { keepAlive: true, maxSockets: SOCKETS_MAX };
    this.agent = this.isSecure ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  private get isSecure(): boolean {
    return this.baseUrl.startsWith('https:');
  }

  /** Never rejects. */
  call(
    { method, path, query, body }: HttpCall,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpOutcome> {
    return new Promise((resolve) => {
      let connected = false;
      const send = this.isSecure ? httpsRequest : httpRequest;
      const url = `${this.baseUrl}${path}${query === undefined || query === '' ? '' : `?${query}`}`;
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const request = send(url, { method, agent: this.agent, headers: { ...type, ...headers } });
      this.open.add(request);
      const late = setTimeout(
        () => request.destroy(new Error(`no answer in ${this.timeoutMs} ms`)),
        this.timeoutMs,
      );
      const settle = (outcome: HttpOutcome): void => {
        clearTimeout(late);
        this.open.delete(request);
        resolve(outcome);
      };
      const failed = ({ message, code }: NodeJS.ErrnoException): void =>
        settle({ outcome: connected ? 'unknown' : 'not-sent', reason: code ?? message });
      request.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once(this.isSecure ? 'secureConnect' : 'connect', () => (connected = true));
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BYTES_MAX) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', failed);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          settle({ outcome: 'answered', status: response.statusCode ?? 0, text });
        });
        response.on('close', () => {
          if (!response.complete) failed(new Error('the answer was cut off'));
        });
      });
      request.on('error', failed);
      request.end(body);
    });
  }

  /** Whatever is under way has no answer. */
  close(): void {
    for (const request of this.open) request.destroy(new Error('stopped'));
    this.agent.destroy();
  }
}
