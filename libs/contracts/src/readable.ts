import { IntegrityFault } from '@evenkeel/kernel';

/** Reads what lies on the market stream. Throws `CONTRACTS.UNDECODABLE`, whatever the bytes are. */
export function readable<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw undecodable(`these bytes are no part of the market: ${String(cause)}`, cause);
  }
}

export function undecodable(message: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault({ code: 'CONTRACTS.UNDECODABLE', message, cause });
}
