import { canonicalJson, uuidV5 } from '@evenkeel/kernel';
import type { GovernedChange } from './approval';

/** What a person asks of execution for one book. Fields that a kind does not use are absent. */
export interface ControlCommand {
  /** Names the command once and for ever: a UUID. */
  readonly id: string;
  readonly kind: 'throttle-reset' | 'override-grant' | 'override-revoke' | 'venue-resume' | 'restriction-set';
  readonly book: string;
  readonly by: string;
  readonly reason: string;
  /** ISO, host time. */
  readonly at: string;
  readonly instrument?: string;
  readonly venue?: string;
  readonly control?: string;
  readonly overrideId?: string;
  readonly upTo?: string;
  /** ISO 8601 duration of event time. */
  readonly duration?: string;
  readonly acceptsDifferences?: boolean;
  readonly restricted?: boolean;
  /** The proposal that a second person approved. */
  readonly proposalId?: string;
  /** It waits for a book that is not open yet, instead of being turned down. */
  readonly future?: boolean;
}

/** What a command asks for, whoever gives it and whenever. */
export type WantedControl = Omit<ControlCommand, (typeof HANDING_OVER)[number]>;

/** How a command is handed over: nothing of what it asks for. */
const HANDING_OVER = ['id', 'book', 'by', 'reason', 'at', 'proposalId', 'future'] as const;

/** Names the fact that a command becomes, or the fact that it was turned down. With an approval that counts, the approval names it. */
export function controlFactId(commandId: string, usedProposal?: string): string {
  return uuidV5(usedProposal === undefined ? `command|${commandId}` : `command|approved|${usedProposal}`);
}

/** What two people sign for a command: canonical JSON of what it asks for. */
export function controlContent(asked: WantedControl | ControlCommand): string {
  const of: ReadonlySet<string> = new Set(HANDING_OVER);
  return canonicalJson(Object.fromEntries(Object.entries(asked).filter(([name]) => !of.has(name))));
}

/** Whether a command lets more happen than before; what only tightens needs no second person. */
export function loosens({ kind, restricted }: WantedControl): boolean {
  if (kind === 'restriction-set') return restricted === false;
  return kind !== 'override-revoke';
}

/** What two people sign for a release: the approval is good for these engagements of the scope and for no other. */
export function releaseContent(scope: string, engagements: readonly string[]): string {
  return canonicalJson({ release: scope, engagements: [...engagements].sort() });
}

/** The engagements that the content of a release names; undefined for other content. */
export function engagementsIn(content: string): readonly string[] | undefined {
  const value = JSON.parse(content) as { engagements?: unknown } | null; // canonical JSON, as every content is
  const named = value?.engagements;
  return Array.isArray(named) && named.every((one): one is string => typeof one === 'string')
    ? named
    : undefined;
}

/** A message that is to count for nothing: exactly these bytes at this place. */
export interface QuarantinedPlace {
  readonly epoch: string;
  readonly stream: string;
  /** Decimal digits. */
  readonly sequence: string;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
}

/** What two people sign for a quarantine. */
export function quarantineOf({ epoch, stream, sequence, sha256 }: QuarantinedPlace): GovernedChange {
  const content = canonicalJson({ epoch, stream, sequence, sha256 });
  return { kind: 'quarantine', scope: JOURNAL_SCOPE, content };
}

/** What a quarantine is filed under. */
const JOURNAL_SCOPE = 'journal';

export function releaseOf(scope: string, engagements: readonly string[]): GovernedChange {
  return { kind: 'kill-release', scope, content: releaseContent(scope, engagements) };
}
