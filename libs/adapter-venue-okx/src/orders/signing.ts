import { createHmac } from 'node:crypto';

import type { HttpCall } from '@evenkeel/venue-orders';
import type { Credentials } from '@evenkeel/venue-wire';

const sign = (credentials: Credentials, text: string): string =>
  createHmac('sha256', credentials.revealSecret()).update(text).digest('base64');

/** Headers of a call: HMAC-SHA256 of time, method, path with its query, and body, base64. */
export function okxHeaders(
  credentials: Credentials,
  { method, path, query, body }: HttpCall,
  nowMs: number,
): Readonly<Record<string, string>> {
  const timestamp = new Date(nowMs).toISOString();
  const asked = query === undefined || query === '' ? path : `${path}?${query}`;
  return {
    'OK-ACCESS-KEY': credentials.key,
    'OK-ACCESS-SIGN': sign(credentials, `${timestamp}${method}${asked}${body ?? ''}`),
    'OK-ACCESS-TIMESTAMP': timestamp,
    'OK-ACCESS-PASSPHRASE': credentials.revealPassphrase() ?? '',
  };
}

/** The first message of a private stream; its time is in seconds. */
export function okxLogin(credentials: Credentials, nowMs: number): string {
  const timestamp = String(Math.floor(nowMs / 1000));
  const login = {
    apiKey: credentials.key,
    passphrase: credentials.revealPassphrase() ?? '',
    timestamp,
    sign: sign(credentials, `${timestamp}GET/users/self/verify`),
  };
  return JSON.stringify({ op: 'login', args: [login] });
}
