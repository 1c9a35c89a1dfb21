import { Buffer } from 'node:buffer';
import { nativeHashes } from '@evenkeel/platform';

/** SHA-256 by the platform: the same bytes as the kernel's, several times as fast. */
export const nativeSha256 = nativeHashes.sha256;

/** Lower-case hexadecimal. */
export function nativeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
