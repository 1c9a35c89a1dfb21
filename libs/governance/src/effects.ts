import type { Approval, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { Decimal, tryParseDuration, tryParseInstant } from '@evenkeel/kernel';
import { engagementsIn, quarantineOf } from './controls';
import type { ChangeKind, ChangeProposed } from './events';

/** A fact that put something into effect for which two people may have to stand. */
export interface Effect {
  /** In words, for messages. */
  readonly what: string;
  /** Of which kinds of change the approval may be. */
  readonly kinds: readonly ChangeKind[];
  readonly scope: string;
  readonly approval: Approval | undefined;
  /** From which level on two people must stand behind it. */
  readonly neededFor: 'loosening' | 'everything';
  /** In each book, an approval is good for one of these. */
  readonly use: string;
  /** Whether it is what the proposal asks for, as far as that can be told from the fact. */
  readonly follows: (proposed: ChangeProposed) => boolean;
}

/** What a fact put into effect that people govern; `undefined` for all others. */
export function effectOf(
  event: DomainEvent,
  bookFollows: (content: string, request: EventPayloads['BookRequested']) => boolean = () => true,
): Effect | undefined {
  switch (event.type) {
    case 'PolicySet': {
      const { book, approval } = event.payload;
      // The first policy of a book is agreed on with the book.
      const kinds = ['policy', 'book'] as const;
      return { ...effect(`the policy of ${book}`, kinds, book, approval, 'policy'), neededFor: 'everything' };
    }
    case 'LimitsSet': {
      const { book, venue, approval, limitsVersion } = event.payload;
      return {
        ...effect(`limits of ${book} at ${venue}`, ['limits'], book, approval, `limits|${venue}`),
        follows: ({ contentHash }) => contentHash === limitsVersion,
      };
    }
    case 'BookRequested': {
      const { book, approval } = event.payload;
      return {
        ...effect(`the opening of ${book}`, ['book'], book, approval, 'book'),
        neededFor: 'everything',
        follows: ({ content }) => bookFollows(content, event.payload),
      };
    }
    case 'KillReleased': {
      const { scope, approval, engagement } = event.payload;
      return {
        // One release is on record in every book that it frees.
        ...effect(`the release of ${scope}`, ['kill-release'], scope, approval, 'release'),
        follows: ({ content }) =>
          fieldsOf(content)['release'] === scope &&
          (engagement === undefined || engagementsIn(content)?.includes(engagement) === true),
      };
    }
    case 'CommitQuarantined': {
      const { stream, sequence, approval } = event.payload;
      const { kind, scope, content: wanted } = quarantineOf(event.payload);
      return {
        ...effect(`the quarantine of ${stream} ${sequence}`, [kind], scope, approval, 'quarantine'),
        follows: ({ content }) => content === wanted,
      };
    }
    default:
      return controlOf(event);
  }
}

function controlOf(event: DomainEvent): Effect | undefined {
  switch (event.type) {
    case 'ThrottleReset': {
      const { book, approval, instrument } = event.payload;
      return control('the reset of a throttle', book, approval, { kind: 'throttle-reset', instrument });
    }
    case 'VenueResumed': {
      const { book, approval, venue, acceptsDifferences } = event.payload;
      return control(`the return to ${venue}`, book, approval, {
        kind: 'venue-resume',
        venue,
        acceptsDifferences,
      });
    }
    case 'RestrictionSet': {
      const { book, approval, instrument, restricted } = event.payload;
      if (restricted) return undefined;
      return control('the end of a restriction', book, approval, {
        kind: 'restriction-set',
        instrument,
        restricted,
      });
    }
    case 'ControlOverridden': {
      const { book, approval, control: name, instrument, upTo, at, expiresAt } = event.payload;
      const granted = control(`the override of ${name}`, book, approval, {
        kind: 'override-grant',
        control: name,
        ...(instrument === '' ? {} : { instrument }),
        ...(upTo === '' ? {} : { upTo }),
      });
      return {
        ...granted,
        follows: (proposed) => granted.follows(proposed) && lasts(proposed.content, at, expiresAt),
      };
    }
    default:
      return undefined;
  }
}

/** `asked`: the fields of the command that the fact still shows. */
function control(
  what: string,
  book: string,
  approval: Approval | undefined,
  asked: Readonly<Record<string, string | boolean>>,
): Effect {
  return {
    ...effect(`${what} in ${book}`, ['override'], book, approval, 'control'),
    follows: ({ content }) => {
      const { duration: _, ...wanted } = fieldsOf(content);
      const names = new Set([...Object.keys(wanted), ...Object.keys(asked)]);
      return [...names].every((name) => sameValue(wanted[name], asked[name]));
    },
  };
}

/** Whether an override lasts exactly as long as people signed for. */
function lasts(content: string, at: string, expiresAt: string): boolean {
  const { duration } = fieldsOf(content);
  if (typeof duration !== 'string') return false;
  const until = tryParseInstant(expiresAt);
  const from = tryParseInstant(at);
  const long = tryParseDuration(duration);
  return from !== undefined && long !== undefined && until === from + long;
}

function effect(
  what: string,
  kinds: readonly ChangeKind[],
  scope: string,
  approval: Approval | undefined,
  use: string,
): Effect {
  return { what, kinds, scope, approval, neededFor: 'loosening', use, follows: () => true };
}

function fieldsOf(content: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(content); // the record believes canonical JSON only
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** A flag that is not given is not set; one quantity may be written in several ways. */
function sameValue(a: unknown, b: unknown): boolean {
  if ((a ?? false) === (b ?? false)) return true;
  const [left, right] = [a, b].map((value) =>
    typeof value === 'string' ? Decimal.tryParse(value) : undefined,
  );
  return left !== undefined && right !== undefined && left.equals(right);
}
