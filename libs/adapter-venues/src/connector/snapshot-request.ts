import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

const BYTES_MAX = 16 * 1024 * 1024;

export type SnapshotAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly retryAfterMs?: number };

/** One GET; never rejects. A venue that refuses for too many requests says in `Retry-After` how long to wait. */
export function requestSnapshot(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SnapshotAnswer> {
  return new Promise((resolve) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const request = get(url, { timeout: timeoutMs, signal, agent: false }, (response) => {
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
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    request.on('error', (error) => resolve({ ok: false, reason: error.message }));
  });
}
