/** So many names help somebody who mistyped one. */
const SHOWN_MAX = 20;
/** So short a beginning could be that of anything. */
const BEGINNING_MIN = 3;

/**
 * The known name that somebody who wrote `name` may have meant: it begins so, or no more than a third of the letters differ, whatever
 * their case. `undefined` where none is near, or `name` is known.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const written = name.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(1, Math.ceil(written.length / 3)) + 1;
  for (const one of known) {
    if (one === name) return undefined;
    const meant = one.toLowerCase();
    const begins = written.length >= BEGINNING_MIN && meant.startsWith(written);
    const distance = begins ? 0 : editDistance(written, meant, least);
    if (distance >= least) continue;
    least = distance;
    nearest = one;
  }
  return nearest;
}

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment); `most` where it is at least that. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next.push(
        Math.min(
          (last[column] ?? most) + 1,
          (next[column - 1] ?? most) + 1,
          (last[column - 1] ?? most) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? most) + 1 : most,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return Math.min(most, last[b.length] ?? most);
}

/**
 * What somebody is told who named what is not there: `no book "demo" in epoch 3: did you mean "demonstration"? Known: …`. `where`: the
 * place that was looked in.
 */
export function unknownName(what: string, name: string, where: string, known: Iterable<string>): string {
  const there = [...new Set(known)].sort();
  const meant = nearestName(name, there);
  const shown = there.slice(0, SHOWN_MAX).map(printable).join(', ');
  const more = there.length > SHOWN_MAX ? ` and ${there.length - SHOWN_MAX} more` : '';
  const hint = meant === undefined ? '.' : `: did you mean ${printable(meant)}?`;
  const list = there.length === 0 ? 'There is none.' : `Known: ${shown}${more}`;
  return `no ${what} ${printable(name)} ${where}${hint} ${list}`;
}

/**
 * What somebody is told who wrote a field that is none: `is not a field here: did you mean "quantity"? There are …`. `what`
 * says it otherwise.
 */
export function unknownField(name: string, known: Iterable<string>, what = 'is not a field here'): string {
  const there = [...new Set(known)];
  const meant = nearestName(name, there);
  const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
  const shown = there.slice(0, SHOWN_MAX).join(', ');
  const more = there.length > SHOWN_MAX ? ` and ${there.length - SHOWN_MAX} more` : '';
  const list = there.length === 0 ? 'There is none' : `There are ${shown}${more}`;
  return `${what}${hint === '' ? '. ' : `${hint} `}${list}`;
}

/** Whatever looks like a plain letter and is none, or turns the writing round, is shown as what it is. */
function printable(name: string): string {
  const plain = name.replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
  return `"${plain}"`;
}
