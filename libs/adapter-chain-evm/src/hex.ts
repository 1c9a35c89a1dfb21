import { OperationalError, fromHex, toHex } from '@evenkeel/kernel';

/** `0x` and lower-case hex digits, as nodes write bytes. */
export function hexOf(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

/** Throws `CHAIN.UNREADABLE_ANSWER` where the text is no hex of whole bytes. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = /^0x/.test(hex) ? fromHex(hex.slice(2).toLowerCase()) : undefined;
  if (bytes === undefined) throw unreadable('bytes in hex');
  return bytes;
}

/** A number as nodes write it: no leading zeros. */
export function quantity(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** Throws `CHAIN.UNREADABLE_ANSWER` where the value is no number in hex. */
export function readQuantity(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-f]+$/i.test(value)) throw unreadable('a number in hex');
  return BigInt(value);
}

/** As `readQuantity`, of a number that a double holds exactly. */
export function readCount(value: unknown): number {
  const count = Number(readQuantity(value));
  if (!Number.isSafeInteger(count)) throw unreadable('a number below 2^53');
  return count;
}

/** Hex digits of `bytes` bytes, lower case. Throws `CHAIN.UNREADABLE_ANSWER`. */
export function readHex(value: unknown, bytes?: number): string {
  const fits = bytes === undefined ? /^0x(?:[0-9a-f]{2})*$/i : new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`, 'i');
  if (typeof value !== 'string' || !fits.test(value)) throw unreadable(`${bytes ?? 'whole'} bytes in hex`);
  return value.toLowerCase();
}

/** What a node said is not repeated: it may hold what no log may. */
export function unreadable(wanted: string): OperationalError {
  return new OperationalError({
    code: 'CHAIN.UNREADABLE_ANSWER',
    message: `a node's answer does not hold ${wanted}`,
  });
}
