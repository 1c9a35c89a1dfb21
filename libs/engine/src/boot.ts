import type { CommitDraft, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { aggregateKey } from '@evenkeel/eventing';
import type { Commit, Producer, Seal, SealedCommit } from '@evenkeel/eventing';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { canonicalJson, required, sha256, toHex, utf8, uuidV5 } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { evaluationRulesOf, orderLimitsOf, overridesOf, specificationsFor } from '@evenkeel/market';
import type { BookFile, InstrumentsFile } from '@evenkeel/market';
import { NO_HEAD, envelopeOf, originOf } from './seal';

export interface BookUnderManagement {
  readonly file: BookFile;
  /** What the file is called in messages. */
  readonly source: string;
  /** Overrides the policy written in the file. */
  readonly policy?: Json;
  readonly instruments?: InstrumentsFile;
  /** `BookOpened.lineage`: for a book in real time. */
  readonly lineage?: string;
}

/** A book by its first facts. */
export interface BootedBook {
  readonly book: string;
  readonly drafts: readonly CommitDraft[];
}

export function bootedBook(book: BookUnderManagement | BootedBook, at: string): BootedBook {
  return 'drafts' in book ? book : { book: book.file.book, drafts: bootDrafts(book, at) };
}

/** Of how many quotes a new book takes the median as an option's basis (docs/adr/risk-forward-basis.md). */
const BASIS_QUOTES = 5;

const hashOf = (value: Json): string => toHex(sha256(utf8(canonicalJson(value))));

/** The first facts of a run: the book, its policy, and an account per hedge venue, as a person asked for them. */
export function bootDrafts(managed: BookUnderManagement, at: string): CommitDraft[] {
  const { file } = managed;
  const overrides = overridesOf(managed.instruments);
  const positions = file.positions.map((position, index) => ({
    instrument: position.instrument,
    path: `positions[${index}].instrument`,
  }));
  const hedges = file.hedge.instruments.map((instrument, index) => ({
    instrument,
    path: `hedge.instruments[${index}]`,
  }));
  const all = specificationsFor([...positions, ...hedges], managed.source, overrides);
  const tradable = specificationsFor(hedges, managed.source, overrides);
  const draft = (
    context: CommitDraft['aggregate']['context'],
    type: string,
    id: string,
    event: DomainEvent,
  ): CommitDraft => ({
    aggregate: { context, type, id },
    book: file.book,
    eventTime: at,
    actor: { kind: 'human', id: 'operator' },
    events: [event],
  });
  return [
    draft('risk', 'book', file.book, {
      type: 'BookOpened',
      payload: {
        book: file.book,
        numeraire: file.numeraire,
        at,
        planned: file.positions,
        specifications: all.map(written),
        hedgeInstruments: file.hedge.instruments,
        evaluation: { ...evaluationRulesOf(file), basisQuotes: BASIS_QUOTES },
        fileHash: hashOf(asJson(file)),
        ...(managed.lineage === undefined ? {} : { lineage: managed.lineage }),
      },
    }),
    draft('strategy', 'hedge-program', file.book, policySet(managed, tradable, at)),
    ...accounts(file, tradable).map(([venue, specifications]) => {
      const limits = orderLimitsOf(file);
      return draft('execution', 'venue-account', `${venue}/${file.book}`, {
        type: 'VenueAccountOpened',
        payload: {
          book: file.book,
          venue,
          at,
          specifications: specifications.map(written),
          limits,
          limitsVersion: hashOf(asJson(limits)),
          ...(file.hedge.execution === undefined
            ? {}
            : { execution: canonicalJson(asJson(file.hedge.execution)) }),
        },
      });
    }),
  ];
}

/** The same program with another policy. */
export function withPolicy(payload: EventPayloads['PolicySet'], policy: Json): EventPayloads['PolicySet'] {
  const { targetDelta, hedgeInstruments } = payload;
  return {
    ...payload,
    policy: canonicalJson(policy),
    policyHash: hashOf({ policy, targetDelta, hedgeInstruments: [...hedgeInstruments] }),
  };
}

/** A policy that takes over from the one in force, as a person sets it at `at`. */
export function policyDraft(managed: BookUnderManagement, at: string): CommitDraft {
  const draft = bootDrafts(managed, at).find(({ aggregate }) => aggregate.context === 'strategy');
  return required(draft, 'the policy among the first facts of a book');
}

function policySet(
  managed: BookUnderManagement,
  tradable: readonly InstrumentSpec[],
  at: string,
): DomainEvent {
  const { file } = managed;
  const policy = managed.policy ?? asJson(file.hedge.policy);
  const targetDelta = file.hedge.target?.delta ?? '0';
  const hedgeInstruments = file.hedge.instruments;
  return {
    type: 'PolicySet',
    payload: {
      book: file.book,
      at,
      policy: canonicalJson(policy),
      policyHash: hashOf({ policy, targetDelta, hedgeInstruments }),
      targetDelta,
      hedgeInstruments,
      specifications: tradable.map(written),
    },
  };
}

function accounts(file: BookFile, tradable: readonly InstrumentSpec[]): [string, InstrumentSpec[]][] {
  const venues = [...new Set(tradable.map((specification) => specification.venue))].sort();
  return venues.map((venue) => [venue, tradable.filter((specification) => specification.venue === venue)]);
}

const texts = new WeakMap<InstrumentSpec, string>();

/** Once for each specification, however many books and runs name it. */
function written(specification: InstrumentSpec): string {
  let text = texts.get(specification);
  if (text === undefined) {
    text = canonicalJson(asJson(specification));
    texts.set(specification, text);
  }
  return text;
}

/** Plain data as JSON: our file and specification types hold nothing else. */
function asJson(value: object): Json {
  return value as Json; // the callers' types are strings, numbers, booleans, lists and records of these
}

/** First facts sealed; each opens its aggregate. `hostTime`: wall clock in nanoseconds, for the record. */
export function sealBoot(
  drafts: readonly CommitDraft[],
  epoch: string,
  producer: Producer,
  seal: Seal,
  hostTime: bigint,
): SealedCommit[] {
  const clock = { receivedTime: hostTime, decidedTime: hostTime, source: 'system', maxErrorNs: 0n };
  return drafts.map((draft) => {
    const origin = originOf('boot', uuidV5(`boot|${aggregateKey(draft.aggregate)}`));
    return seal(envelopeOf(draft, { epoch, producer, clock, origin, index: 0, head: NO_HEAD }));
  });
}

/** A fact that a person put on the journal before the market began. */
export function isBoot({ causation }: Pick<Commit, 'causation'>): boolean {
  return causation.stream === 'boot';
}
