/** `[symbol, venue]` of an instrument id; the symbol may itself hold an `@`. */
export function splitInstrumentId(id: string): readonly [string, string] {
  const at = id.lastIndexOf('@');
  return [id.slice(0, at), id.slice(at + 1)];
}
