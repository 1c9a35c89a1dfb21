const CHUNK = 8192;

/**
 * The text of UTF-8 bytes; `undefined` when they are not well-formed (overlong forms, surrogates, cut sequences), so
 * that no two byte strings read as the same text.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  const parts: string[] = [];
  let units: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length =
      lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    const code = length === 1 ? lead : readSequence(bytes, at, length);
    if (code === undefined) return undefined;
    if (code >= 0x10000) units.push(0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
    else units.push(code);
    if (units.length >= CHUNK) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
    at += length;
  }
  parts.push(String.fromCharCode(...units));
  return parts.join('');
}

const SMALLEST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

function readSequence(bytes: Uint8Array, at: number, length: number): number | undefined {
  if (length === 0 || at + length > bytes.length) return undefined;
  let code = (bytes[at] ?? 0) & (0x7f >> length);
  for (let offset = 1; offset < length; offset += 1) {
    const next = bytes[at + offset] ?? 0;
    if ((next & 0xc0) !== 0x80) return undefined;
    code = code * 64 + (next & 0x3f);
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < (SMALLEST[length] ?? 0) || surrogate || code > 0x10ffff ? undefined : code;
}
