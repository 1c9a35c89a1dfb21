import { createHmac } from 'node:crypto';

import type { Credentials } from '@evenkeel/venue-wire';

/**
 * Parameters of Deribit's `public/auth` by client signature: HMAC-SHA256 of `timestamp \n nonce \n data`, hex. Time and nonce
 * are inputs, so that a signature can be checked against a published one.
 */
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
    signature: createHmac('sha256', credentials.revealSecret())
      .update(`${timestampMs}\n${nonce}\n${data}`)
      .digest('hex'),
  };
}
