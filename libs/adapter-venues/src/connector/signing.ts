import { createHmac } from 'node:crypto';

import type { Credentials } from './credentials';

/** Times and nonces are inputs, so that a signature can be checked against a published one. */

function hmacHex(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** Parameters of Deribit's `public/auth` by client signature: HMAC-SHA256 of `timestamp \n nonce \n data`, hex. */
export function deribitAuth(
  credentials: Credentials,
  timestampMs: number,
  nonce: string,
  data = '',
): Readonly<Record<string, unknown>> {
  return {
    grant_type: 'client_signature',
    client_id: credentials.key,
    timestamp: timestampMs,
    nonce,
    data,
    signature: hmacHex(credentials.revealSecret(), `${timestampMs}\n${nonce}\n${data}`),
  };
}

/** A Binance query with its signature appended: HMAC-SHA256 of the query, hex. The key travels in `X-MBX-APIKEY`. */
export function binanceSignedQuery(credentials: Credentials, query: string): string {
  return `${query}&signature=${hmacHex(credentials.revealSecret(), query)}`;
}

/** Bybit v5 WebSocket login: HMAC-SHA256 of `GET/realtime<expires>`, hex. */
export function bybitAuthMessage(credentials: Credentials, expiresMs: number, requestId: string): string {
  const signature = hmacHex(credentials.revealSecret(), `GET/realtime${expiresMs}`);
  return JSON.stringify({ req_id: requestId, op: 'auth', args: [credentials.key, expiresMs, signature] });
}

/** Headers of a Bybit v5 REST call: HMAC-SHA256 of `timestamp + key + window + payload` (query of a GET, body of a POST), hex. */
export function bybitHeaders(
  credentials: Credentials,
  timestampMs: number,
  windowMs: number,
  payload: string,
): Readonly<Record<string, string>> {
  return {
    'X-BAPI-API-KEY': credentials.key,
    'X-BAPI-TIMESTAMP': String(timestampMs),
    'X-BAPI-RECV-WINDOW': String(windowMs),
    'X-BAPI-SIGN': hmacHex(
      credentials.revealSecret(),
      `${timestampMs}${credentials.key}${windowMs}${payload}`,
    ),
  };
}

/** OKX: base64 HMAC-SHA256 of `timestamp + METHOD + path + body`. */
function okxSignature(
  credentials: Credentials,
  timestamp: string,
  method: string,
  path: string,
  body: string,
): string {
  return createHmac('sha256', credentials.revealSecret())
    .update(`${timestamp}${method}${path}${body}`)
    .digest('base64');
}

/** OKX WebSocket login; its timestamp is in seconds. */
export function okxLoginMessage(credentials: Credentials, timestampSeconds: number): string {
  const timestamp = String(timestampSeconds);
  const sign = okxSignature(credentials, timestamp, 'GET', '/users/self/verify', '');
  const args = [
    { apiKey: credentials.key, passphrase: credentials.revealPassphrase() ?? '', timestamp, sign },
  ];
  return JSON.stringify({ op: 'login', args });
}

/** Headers of an OKX REST call; its timestamp is ISO 8601 with milliseconds. */
export function okxHeaders(
  credentials: Credentials,
  timestamp: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
): Readonly<Record<string, string>> {
  return {
    'OK-ACCESS-KEY': credentials.key,
    'OK-ACCESS-SIGN': okxSignature(credentials, timestamp, method, path, body),
    'OK-ACCESS-TIMESTAMP': timestamp,
    'OK-ACCESS-PASSPHRASE': credentials.revealPassphrase() ?? '',
  };
}
