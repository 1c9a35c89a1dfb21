import { createHmac } from 'node:crypto';

import type { HttpCall } from '@evenkeel/venue-orders';
import type { Credentials } from '@evenkeel/venue-wire';

/** The venue refuses a request that is older when it arrives, or more than a second ahead. */
export const RECV_WINDOW_MS = 5_000;
const LOGIN_WINDOW_MS = 10_000;

const sign = (credentials: Credentials, text: string): string =>
  createHmac('sha256', credentials.revealSecret()).update(text).digest('hex');

/** Headers of a call: HMAC-SHA256 of time, key, window, and the query or body as it is sent, hex. */
export function bybitHeaders(
  credentials: Credentials,
  { query, body }: HttpCall,
  nowMs: number,
): Readonly<Record<string, string>> {
  const text = `${nowMs}${credentials.key}${RECV_WINDOW_MS}${body ?? query ?? ''}`;
  return {
    'X-BAPI-API-KEY': credentials.key,
    'X-BAPI-TIMESTAMP': String(nowMs),
    'X-BAPI-RECV-WINDOW': String(RECV_WINDOW_MS),
    'X-BAPI-SIGN': sign(credentials, text),
  };
}

/** The first message of a private stream; it is good until `expires`. */
export function bybitLogin(credentials: Credentials, nowMs: number): string {
  const expires = nowMs + LOGIN_WINDOW_MS;
  return JSON.stringify({
    op: 'auth',
    args: [credentials.key, expires, sign(credentials, `GET/realtime${expires}`)],
  });
}
