/** What recursive length prefix knows: byte strings and lists of them. Yellow Paper, appendix B. */
export type RlpItem = Uint8Array | readonly RlpItem[];

const SHORT_MAX = 55;

export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) {
    const [only] = item;
    return item.length === 1 && only !== undefined && only < 0x80
      ? item
      : joined([prefix(0x80, item.length), item]);
  }
  const body = joined(item.map(encodeRlp));
  return joined([prefix(0xc0, body.length), body]);
}

/** A whole number as its big-endian bytes without leading zeros; zero is empty. */
export function rlpInteger(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return Uint8Array.from(bytes);
}

function prefix(offset: number, length: number): Uint8Array {
  if (length <= SHORT_MAX) return Uint8Array.of(offset + length);
  const digits = rlpInteger(BigInt(length));
  return Uint8Array.of(offset + SHORT_MAX + digits.length, ...digits);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let from = 0;
  for (const part of parts) {
    whole.set(part, from);
    from += part.length;
  }
  return whole;
}
