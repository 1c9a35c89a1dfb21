import { sha1 as nobleSha1 } from '@noble/hashes/sha1';
import { sha256 as nobleSha256 } from '@noble/hashes/sha256';

export interface Sha256Stream {
  update(bytes: Uint8Array): Sha256Stream;
  digest(): Uint8Array;
}

/** The hashes that everything rests on, by whoever computes them: the same bytes in give the same bytes out. */
export interface Hashes {
  sha256(bytes: Uint8Array): Uint8Array;
  createSha256(): Sha256Stream;
  /** One character for each of the 20 bytes. Only for UUIDv5; never for integrity. */
  sha1(bytes: Uint8Array): string;
}

/** In the language alone: what a browser's page uses, and what a platform's own are held to. */
export const pureHashes: Hashes = {
  sha256: nobleSha256,
  createSha256() {
    const hasher = nobleSha256.create();
    const stream: Sha256Stream = {
      update(bytes) {
        hasher.update(bytes);
        return stream;
      },
      digest: () => hasher.digest(),
    };
    return stream;
  },
  sha1: (bytes) => String.fromCharCode(...nobleSha1(bytes)),
};

let hashes = pureHashes;

/** Everything is hashed with these from now on: for a host whose platform is quicker. */
export function useHashes(ofPlatform: Hashes): void {
  hashes = ofPlatform;
}

/** SHA-256 of the bytes (32 bytes). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hashes.sha256(bytes);
}

/** SHA-256 over a sequence of chunks. */
export function createSha256(): Sha256Stream {
  return hashes.createSha256();
}

/** SHA-1, one character for each byte, only for UUIDv5; never for integrity. */
export function sha1(bytes: Uint8Array): string {
  return hashes.sha1(bytes);
}

/** Codes of the characters 0 to f. */
export const HEX_CODES: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const CHUNK = 512;

/** Lower case. Made of its codes at once: joined digit by digit, a text costs three times as much when it is first used. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return hexOfChunk(bytes);
  let hex = '';
  for (let at = 0; at < bytes.length; at += CHUNK) hex += hexOfChunk(bytes.subarray(at, at + CHUNK));
  return hex;
}

function hexOfChunk(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) codes.push(HEX_CODES[byte >> 4] ?? 0, HEX_CODES[byte & 15] ?? 0);
  return String.fromCharCode(...codes);
}

/** Reads lower- or upper-case hex; `undefined` when it is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bit, over the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** UTF-8 bytes; written out because TextEncoder is not part of the language and cores see only the language. */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(UTF8_BYTES_MAX * text.length);
  return bytes.slice(0, utf8Into(text, bytes, 0));
}

/** Most bytes that one UTF-16 code unit takes. */
export const UTF8_BYTES_MAX = 3;

/** Writes the UTF-8 bytes into `bytes`, which has room, from `from` on; returns where they end. */
export function utf8Into(text: string, bytes: Uint8Array, from: number): number {
  let at = from;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    const code = text.codePointAt(index) ?? unit;
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        index += 1;
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 63);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 63);
    }
    bytes[at++] = 0x80 | (code & 63);
  }
  return at;
}
