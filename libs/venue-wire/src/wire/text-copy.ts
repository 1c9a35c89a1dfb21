/** A longer part of a text engines make a view of it, and whoever keeps an id would keep the whole message: they are joined of these. */
const PIECE = 12;

/** A part of a text, on its own: whoever keeps it keeps nothing else of the text. */
export function copyOf(text: string, from: number, to: number): string {
  let copy = text.slice(from, Math.min(to, from + PIECE));
  for (let at = from + PIECE; at < to; at += PIECE) copy += text.slice(at, Math.min(to, at + PIECE));
  return copy;
}
