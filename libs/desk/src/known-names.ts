import { policyKinds } from '@evenkeel/hedging';
import { InvalidInputError, nearestName, unknownName } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import type { WantedControl } from '@evenkeel/governance';

/** What a book of the open epoch was opened with, and what has entered it since. */
export interface BookNames {
  readonly venues: readonly string[];
  /** Of its positions and hedges. */
  readonly instruments: readonly string[];
}

/** What there is in the epoch that is open, by name. */
export interface KnownNames {
  readonly epoch: string;
  readonly books: ReadonlyMap<string, BookNames>;
}

/**
 * Why a kill scope names nothing of the open epoch, in words; undefined where it names something, and where nobody can say. `known`:
 * undefined where the epoch cannot be asked; policy kinds are known all the same.
 */
export function scopeProblem(scope: string, known: KnownNames | undefined): string | undefined {
  const colon = scope.indexOf(':');
  const [kind, name] = [scope.slice(0, colon), scope.slice(colon + 1)];
  if (kind === 'strategy')
    return policyKinds.includes(name) ? undefined : unknownName('policy', name, 'in this build', policyKinds);
  if (known === undefined || (kind !== 'book' && kind !== 'venue' && kind !== 'instrument')) return undefined;
  const names = namesOf(known, kind);
  return names.includes(name) ? undefined : unknownName(kind, name, `in epoch ${known.epoch}`, names);
}

function namesOf({ books }: KnownNames, kind: 'book' | 'venue' | 'instrument'): readonly string[] {
  if (kind === 'book') return [...books.keys()];
  return [...books.values()].flatMap(({ venues, instruments }) => (kind === 'venue' ? venues : instruments));
}

/** The scope that somebody may have meant who wrote something that is none: `demonstration`, `boook:demonstration`. */
export function nearestScope(text: string, known: KnownNames | undefined): string | undefined {
  const scopes = ['firm', ...policyKinds.map((kind) => `strategy:${kind}`)];
  if (known !== undefined)
    for (const kind of ['book', 'venue', 'instrument'] as const)
      scopes.push(...namesOf(known, kind).map((name) => `${kind}:${name}`));
  const byName = new Map(scopes.map((scope) => [scope.slice(scope.indexOf(':') + 1), scope]));
  const named = byName.get(text) ?? byName.get(nearestName(text, byName.keys()) ?? '');
  return nearestName(text, scopes) ?? named;
}

/** Throws `INPUT.INVALID` for a book that the open epoch does not have. `path`: where it was named. */
export function requireKnownBook(known: KnownNames, book: string, path = '--book'): void {
  const problem = bookProblem(known, book, path);
  if (problem !== undefined) throw new InvalidInputError('the command', [problem]);
}

function bookProblem(known: KnownNames, book: string, path: string): InputProblem | undefined {
  if (known.books.has(book)) return undefined;
  return { path, message: unknownName('book', book, `in epoch ${known.epoch}`, known.books.keys()) };
}

/**
 * Throws `INPUT.INVALID` with everything that a control names and the open epoch does not have. `overrides`: ids of those in force for
 * the book.
 */
export function requireKnownControl(
  known: KnownNames,
  book: string,
  { instrument, venue, overrideId }: WantedControl,
  overrides: readonly string[],
): void {
  const names = known.books.get(book);
  const problems: InputProblem[] = [];
  const require = (path: string, name: string | undefined, what: string, there: readonly string[]): void => {
    if (name === undefined || there.includes(name)) return;
    problems.push({ path, message: unknownName(what, name, `of ${book} in epoch ${known.epoch}`, there) });
  };
  if (names === undefined) requireKnownBook(known, book);
  else {
    require('instrument', instrument, 'instrument', names.instruments);
    require('venue', venue, 'venue', names.venues);
    require('override', overrideId, 'override in force', overrides);
  }
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
}
