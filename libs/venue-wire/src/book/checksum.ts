import type { Level } from '../events/venue-event';

const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (IEEE 802.3) of ASCII text, as the signed 32-bit integer that OKX writes. */
export function signedCrc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc = (TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc;
}

/**
 * OKX's checksum of a book: the best 25 levels of both sides interleaved, `bid:size:ask:size:…`; where one side is shorter, the
 * other goes on alone. OKX writes its numbers in canonical form, so the canonical texts are the ones it signed.
 */
export function bookChecksum(bids: readonly Level[], asks: readonly Level[]): number {
  const parts: string[] = [];
  for (let rank = 0; rank < 25; rank += 1) {
    const bid = bids[rank];
    const ask = asks[rank];
    if (bid !== undefined) parts.push(bid.price, bid.size);
    if (ask !== undefined) parts.push(ask.price, ask.size);
  }
  return signedCrc32(parts.join(':'));
}
