import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { nkeys } from '@nats-io/nats-core';
import type { Authenticator } from '@nats-io/nats-core';

/** What precedes an Ed25519 seed in PKCS #8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const PREFIX_USER = 20 << 3;
/** Which kind of seed it is, and whose. */
const SEED_PREFIX_BYTES = 2;
const SEED_BYTES = 32;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export interface UserKey {
  readonly publicKey: string;
  readonly authenticator: Authenticator;
}

/**
 * The key of a bus user by its seed. The platform signs: the client's own Ed25519 in JavaScript took 70 ms of each process's start,
 * a seventh of it. Throws for what is no user's seed.
 */
export function userKeyOf(seed: Uint8Array): UserKey {
  // It throws for what is no seed.
  const text = Buffer.from(nkeys.fromSeed(seed).getSeed()).toString('latin1');
  const raw = bytesOf(text).subarray(SEED_PREFIX_BYTES, SEED_PREFIX_BYTES + SEED_BYTES);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, raw]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = textOf(spki.subarray(-32));
  return {
    publicKey,
    authenticator: (nonce) => ({
      nkey: publicKey,
      sig: nonce === undefined || nonce === '' ? '' : nkeys.encode(sign(null, Buffer.from(nonce), key)),
    }),
  };
}

/** A user's public key as NATS writes it: its kind and the key, with their check sum, in base 32. */
function textOf(publicKey: Uint8Array): string {
  const body = Buffer.from([PREFIX_USER, ...publicKey]);
  const sum = crc16(body);
  const bytes = [...body, sum & 0xff, sum >> 8];
  let text = '';
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += BASE32[(pair >> (11 - (bit & 7))) & 31] ?? '';
  }
  return text;
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.alloc((text.length * 5) >> 3);
  for (let index = 0; index < bytes.length; index += 1) {
    let bits = 0;
    const first = Math.floor((index * 8) / 5);
    for (let char = first; char < first + 3; char += 1)
      bits = (bits << 5) | Math.max(0, BASE32.indexOf(text[char] ?? 'A'));
    bytes[index] = (bits >> (7 - ((index * 8) % 5))) & 0xff;
  }
  return bytes;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff;
  }
  return crc;
}
