/** A JSON number kept as the text that was on the wire, because a double would not hold it exactly. */
export class NumberLexeme {
  constructor(readonly text: string) {}
}

export type WireValue = null | boolean | number | string | NumberLexeme | WireValue[] | WireObject;
export interface WireObject {
  [key: string]: WireValue;
}
