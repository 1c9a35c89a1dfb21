import { wordsOf } from '@evenkeel/desk';
import { engagementsIn } from '@evenkeel/governance';
import type { ChangeKind, Enrolment, WantedControl } from '@evenkeel/governance';
import type { BookFile } from '@evenkeel/market';

/** What a person is asked to agree to, in lines; the exact content follows it, whose hash is signed. Every content here was made by `keel propose`. */
export function contentLines(kind: ChangeKind, scope: string, content: string): readonly string[] {
  const value: unknown = JSON.parse(content);
  switch (kind) {
    case 'book':
      return bookLines(value as BookContent); // bookContent wrote it
    case 'policy':
      return [`book ${scope}`, ...fieldsOf(value)];
    case 'limits':
      return [`book ${scope}, all of its limits:`, ...fieldsOf(value)];
    case 'override':
      return [`book ${scope}: ${wordsOf(value as WantedControl)}`]; // checked when it was proposed
    case 'kill-release':
      return [
        `${scope} trades again, as far as only these stops are in force:`,
        ...(engagementsIn(content) ?? []).map((engagement) => `  ${engagement}`),
      ];
    case 'roles':
      return (value as readonly Enrolment[]).map(({ identity, roles }) =>
        roles.length === 0 ? `${identity} is no longer enrolled` : `${identity}: ${roles.join(', ')}`,
      );
    case 'epoch':
      return [`a new epoch takes over ${scope}:`, ...fieldsOf((value as { carry?: unknown }).carry)];
    case 'quarantine':
      return ['a message of the journal counts for nothing:', ...fieldsOf(value)];
  }
}

interface BookContent {
  readonly book: BookFile;
  readonly policy?: unknown;
  readonly instruments?: unknown;
}

function bookLines({ book, policy, instruments }: BookContent): readonly string[] {
  const { positions, hedge, limits } = book;
  return [
    `book ${book.book}, in ${book.numeraire}, ${positions.length} positions:`,
    ...positions.map(
      ({ instrument, quantity, price, at }) => `  ${quantity} ${instrument} at ${price}, from ${at}`,
    ),
    `hedged with ${hedge.instruments.join(', ')}`,
    ...fieldsOf({ policy: policy ?? hedge.policy }),
    ...fieldsOf({ limits: limits ?? 'the defaults' }),
    ...(instruments === undefined ? [] : ['with contract terms of its own (below)']),
  ];
}

function fieldsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(
    ([name, field]) => `  ${name}: ${typeof field === 'string' ? field : JSON.stringify(field)}`,
  );
}

/** What to type once a change is proposed, or approved. `from`: where it waits, the id or the file. */
export function nextStep(
  verb: 'propose' | 'approve',
  kind: ChangeKind,
  scope: string,
  id: string,
  file?: string,
): string {
  if (verb === 'propose') return `a second person types: keel approve ${file ?? id} --as <name>`;
  switch (kind) {
    case 'kill-release':
      return `now: keel release ${scope} --reason "…" --proposal ${id}`;
    case 'override':
      return `now: the command itself (keel override grant, throttle reset, venue resume, restrict lift) with --proposal ${id}`;
    case 'book':
      return file === undefined
        ? `now: keel book open FILE --reason "…" --proposal ${id}`
        : `now: keel run --book FILE --approval ${file}`;
    case 'epoch':
      return `now: keel epoch open --from-ledger --by <name> --reason "…" --approval ${file ?? id}`;
    case 'quarantine':
      return `now: keel dlq quarantine SEQUENCE --reason "…" --proposal ${id}`;
    case 'policy':
    case 'limits':
    case 'roles':
      return 'it takes effect by itself';
  }
}
