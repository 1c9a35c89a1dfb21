import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const BYTES_MAX = 16 * 1024 * 1024;

export interface HttpQuestion {
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Sent as JSON with POST; without it the request is a GET. */
  readonly body?: string;
}

export type HttpAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly retryAfterMs?: number };

/** One request; never rejects. A venue that refuses for too many requests says in `Retry-After` how long to wait. */
export function askHttp(question: HttpQuestion): Promise<HttpAnswer> {
  const { url, timeoutMs, signal, body } = question;
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const post =
      body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } };
    const request = send(
      url,
      { timeout: timeoutMs, agent: false, ...(signal === undefined ? {} : { signal }), ...post },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > BYTES_MAX) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', (error) => resolve({ ok: false, reason: error.message }));
        response.on('end', () => {
          if (response.statusCode === 200)
            return resolve({ ok: true, text: Buffer.concat(chunks).toString('utf8') });
          const seconds = Number(response.headers['retry-after']);
          const reason = `HTTP ${response.statusCode ?? 0}`;
          resolve(
            Number.isFinite(seconds)
              ? { ok: false, reason, retryAfterMs: seconds * 1000 }
              : { ok: false, reason },
          );
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    request.on('error', (error) => resolve({ ok: false, reason: error.message }));
    request.end(body);
  });
}
