const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
);

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    parts.push(
      ALPHABET.charAt(group >> 18),
      ALPHABET.charAt((group >> 12) & 63),
      left > 1 ? ALPHABET.charAt((group >> 6) & 63) : '=',
      left > 2 ? ALPHABET.charAt(group & 63) : '=',
    );
  }
  return parts.join('');
}

/**
 * Reads standard base64; `undefined` for anything `toBase64` would not have written: white space, missing or wrong
 * padding, the URL alphabet, or unused bits that are not zero. One value has one spelling.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let written = 0;
  for (let at = 0; at < text.length; at += 4) {
    const last = at + 4 === text.length ? padding : 0;
    const group = readGroup(text, at, 4 - last);
    if (group === undefined) return undefined;
    const count = 3 - last;
    if ((group & ((1 << (8 * last)) - 1)) !== 0) return undefined;
    for (let byte = 0; byte < count; byte += 1) bytes[written + byte] = (group >> (16 - 8 * byte)) & 0xff;
    written += count;
  }
  return bytes;
}

function readGroup(text: string, at: number, digits: number): number | undefined {
  let group = 0;
  for (let offset = 0; offset < 4; offset += 1) {
    const value = offset < digits ? (VALUES[text.charCodeAt(at + offset)] ?? -1) : 0;
    if (value < 0) return undefined;
    group = (group << 6) | value;
  }
  return group;
}
