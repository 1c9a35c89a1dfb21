import { createHmac, createPrivateKey, sign } from 'node:crypto';

import type { HttpCall } from '@evenkeel/venue-orders';
import type { Credentials } from '@evenkeel/venue-wire';

/** An Ed25519 secret is its private key in PEM, as Binance asks for; anything else is the secret of an HMAC key. */
const PEM = '-----BEGIN PRIVATE KEY-----';

/** The signature of what a request says: HMAC-SHA256 in hex, or Ed25519 in base64. */
export function binanceSignature(credentials: Credentials, payload: string): string {
  const secret = credentials.revealSecret();
  if (!secret.startsWith(PEM)) return createHmac('sha256', secret).update(payload).digest('hex');
  return sign(null, Buffer.from(payload), createPrivateKey(secret)).toString('base64');
}

/**
 * The call as it is sent: with the moment it leaves and how long it may be on its way, then the signature of all that, which must stand
 * last.
 */
export function signedCall(
  credentials: Credentials,
  call: HttpCall,
  nowMs: number,
  recvWindowMs: number,
): HttpCall {
  const said = call.query === undefined || call.query === '' ? '' : `${call.query}&`;
  const payload = `${said}recvWindow=${recvWindowMs}&timestamp=${nowMs}`;
  const signature = encodeURIComponent(binanceSignature(credentials, payload));
  return { ...call, query: `${payload}&signature=${signature}` };
}
