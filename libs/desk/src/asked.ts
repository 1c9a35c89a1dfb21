import type { StoredCommit } from '@evenkeel/eventing';
import type { DomainEvent } from '@evenkeel/facts';
import { controlFactId } from '@evenkeel/governance';
import type { ControlCommand, WantedControl } from '@evenkeel/governance';
import { formatInstant } from '@evenkeel/kernel';

/** What became of something that a person asked for, as the journal has it. */
export interface Became {
  readonly sequence: number;
  /** Event time, ISO 8601: since when it is in force. */
  readonly at: string;
  /** Why it was turned down; empty where it is in force. */
  readonly refused: readonly string[];
}

/** Something that a person asked of the services. */
export interface AskedOf {
  /** Of the command or the request; of a control in force its fact alone is known. */
  readonly id?: string;
  readonly book: string;
  /** In the words of the command line. */
  readonly what: string;
  readonly by: string;
  readonly reason: string;
  readonly became?: Became;
  /** For whom or what it waits. */
  readonly waitsFor?: string;
}

/** What a commit says became of a control; undefined where it is about something else. */
export function becameOfControl(
  { id, proposalId }: Pick<ControlCommand, 'id' | 'proposalId'>,
  stored: StoredCommit,
): Became | undefined {
  const facts = [controlFactId(id), ...(proposalId === undefined ? [] : [controlFactId(id, proposalId)])];
  if (!facts.includes(stored.commit.causation.commitId)) return undefined;
  const [recorded] = stored.commit.events;
  return becameIn(stored, recorded?.event.type === 'ControlRefused' ? recorded.event.payload.reasons : []);
}

/** What a commit says became of a request of the desk; undefined where it is about something else. */
export function becameOfRequest(requestId: string, stored: StoredCommit): Became | undefined {
  if (stored.commit.aggregate.context === 'governance') return undefined;
  const answer = stored.commit.events.map(({ event }) => event).find((event) => answers(event, requestId));
  if (answer === undefined) return undefined;
  return becameIn(stored, answer.type === 'RequestRefused' ? answer.payload.reasons : []);
}

function answers({ type, payload }: DomainEvent, requestId: string): boolean {
  if (type === 'BookOpened') return payload.lineage === requestId;
  return 'requestId' in payload && payload.requestId === requestId;
}

function becameIn({ seq, commit }: StoredCommit, refused: readonly string[]): Became {
  return { sequence: seq, at: formatInstant(commit.clock.eventTime), refused };
}

/** Everything that people asked of execution and risk, oldest first, with what became of it. `commits`: of the desk, risk's answers, controls. */
export function askedOnRecord(commits: readonly StoredCommit[]): readonly AskedOf[] {
  const requests = new Map<string, AskedOf>();
  const asked: AskedOf[] = [];
  for (const stored of commits) {
    for (const { event } of stored.commit.events) {
      const request = requestIn(event);
      if (request?.id !== undefined) requests.set(request.id, request);
      const control = controlIn(event);
      if (control !== undefined)
        asked.push({
          ...control,
          became: becameIn(stored, event.type === 'ControlRefused' ? event.payload.reasons : []),
        });
    }
    for (const [id, request] of requests) {
      if (request.became !== undefined) continue;
      const became = becameOfRequest(id, stored);
      if (became !== undefined) requests.set(id, { ...request, became });
    }
  }
  return [...asked, ...requests.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

const placeOf = ({ became }: AskedOf): number => became?.sequence ?? Number.MAX_SAFE_INTEGER;

function requestIn(event: DomainEvent): AskedOf | undefined {
  switch (event.type) {
    case 'BookRequested': {
      const { requestId: id, book, requestedBy: by, reason } = event.payload;
      return { id, book, what: 'book open', by, reason };
    }
    case 'TradeBooked': {
      const {
        requestId: id,
        book,
        bookedBy: by,
        reason,
        tradeId,
        quantity,
        instrument,
        price,
      } = event.payload;
      return { id, book, what: `book trade ${tradeId}: ${quantity} ${instrument} at ${price}`, by, reason };
    }
    case 'TradeCorrected': {
      const { requestId: id, book, correctedBy: by, reason, tradeId, quantity, price } = event.payload;
      return { id, book, what: `book correct ${tradeId}: ${quantity} at ${price}`, by, reason };
    }
    case 'ExpiryRecorded': {
      const { requestId: id, book, recordedBy: by, reason, instrument, deliveryPrice } = event.payload;
      return { id, book, what: `book expire ${instrument} at ${deliveryPrice}`, by, reason };
    }
    case 'BookCloseRequested': {
      const { requestId: id, book, requestedBy: by, reason } = event.payload;
      return { id, book, what: 'book close', by, reason };
    }
    default:
      return undefined;
  }
}

function controlIn(event: DomainEvent): AskedOf | undefined {
  switch (event.type) {
    case 'RestrictionSet':
    case 'ThrottleReset':
    case 'VenueResumed': {
      const { book, by, reason } = event.payload;
      return { book, what: wordsOf(wantedIn(event)), by, reason };
    }
    case 'ControlOverridden': {
      const { overrideId: id, book, by, reason, expiresAt } = event.payload;
      return { id, book, what: `${wordsOf(wantedIn(event))} until ${expiresAt}`, by, reason };
    }
    case 'OverrideRevoked': {
      const { book, by, reason, overrideId, control } = event.payload;
      return { book, what: `${wordsOf({ kind: 'override-revoke', overrideId })} of ${control}`, by, reason };
    }
    case 'ControlRefused': {
      const { commandId: id, book, by, reason, content } = event.payload;
      const wanted = JSON.parse(content) as WantedControl; // controlContent wrote it
      return { id, book, what: wordsOf(wanted), by, reason };
    }
    default:
      return undefined;
  }
}

type InForce = Extract<
  DomainEvent,
  { readonly type: 'RestrictionSet' | 'ThrottleReset' | 'VenueResumed' | 'ControlOverridden' }
>;

function wantedIn(event: InForce): WantedControl {
  switch (event.type) {
    case 'RestrictionSet':
      return { kind: 'restriction-set', ...event.payload };
    case 'ThrottleReset':
      return { kind: 'throttle-reset', ...event.payload };
    case 'VenueResumed':
      return { kind: 'venue-resume', ...event.payload };
    case 'ControlOverridden':
      return { kind: 'override-grant', ...event.payload };
  }
}

/** What is asked for, in the words of the command line. */
export function wordsOf(wanted: WantedControl): string {
  const { instrument = '', venue = '', control = '', overrideId = '', upTo = '', duration } = wanted;
  switch (wanted.kind) {
    case 'restriction-set':
      return `restrict ${wanted.restricted === true ? 'set' : 'lift'} ${instrument}`;
    case 'throttle-reset':
      return `throttle reset ${instrument}`;
    case 'venue-resume':
      return `venue resume ${venue}${wanted.acceptsDifferences === true ? ' --accept-differences' : ''}`;
    case 'override-revoke':
      return `override revoke ${overrideId}`;
    case 'override-grant':
      return [
        `override grant ${control}`,
        ...(instrument === '' ? [] : [`of ${instrument}`]),
        upTo === '' ? 'without limit' : `up to ${upTo}`,
        ...(duration === undefined ? [] : [`for ${duration}`]),
      ].join(' ');
  }
}
