import type { Message } from '@bufbuild/protobuf';
import type { Commit } from '@evenkeel/eventing';
import type { DeliveryPrice, EventPayloads, EventType, FundingRate, Mark } from '@evenkeel/facts';
import type { Commit as CommitMessage } from './generated/evenkeel/journal/v1/journal_pb';
import type {
  DeliveryPrice as DeliveryPriceMessage,
  FundingRate as FundingRateMessage,
  Mark as MarkMessage,
} from './generated/evenkeel/price/v1/price_pb';
import type { PayloadCodecs } from './payloads';
import type { MessageCodec } from './wire';

/**
 * Holds the types of `facts` and the messages of `proto` together, at compile time only: same fields under the same names,
 * the same kind of value in each, absent in both or in neither. A field that only one side knows would be dropped on the
 * wire without a word, while whoever runs the cores in process keeps it.
 */

type FieldsOf<M> = Omit<M, '$typeName' | '$unknown'>;
type NameOf<M> = M extends Message<infer Name> ? Name : never;
type MayBeAbsent<T, K extends keyof T> = object extends Pick<T, K> ? true : false;

type KindOf<V> = V extends string
  ? 'string'
  : V extends number
    ? 'number'
    : V extends bigint
      ? 'bigint'
      : V extends boolean
        ? 'boolean'
        : V extends Uint8Array
          ? 'bytes'
          : V extends readonly unknown[]
            ? 'list'
            : 'message';

/** The names of what differs between a type of ours and its message; `never` where they agree. */
type Gaps<Ours, Theirs, Path extends string> =
  | `${Path}.${Exclude<keyof Ours & string, keyof FieldsOf<Theirs>>} is not in proto`
  | `${Path}.${Exclude<keyof FieldsOf<Theirs> & string, keyof Ours>} is not in facts`
  | {
      [K in keyof Ours & keyof FieldsOf<Theirs> & string]-?: FieldGaps<Ours, Theirs, K, `${Path}.${K}`>;
    }[keyof Ours & keyof FieldsOf<Theirs> & string];

type FieldGaps<Ours, Theirs, K extends keyof Ours & keyof Theirs & string, Path extends string> =
  AbsenceGap<Ours, Theirs, K, Path> | ValueGaps<NonNullable<Ours[K]>, NonNullable<Theirs[K]>, Path>;

type ValueGaps<Ours, Theirs, Path extends string> = [KindOf<Ours>] extends [KindOf<Theirs>]
  ? Theirs extends readonly (infer TheirItem)[]
    ? Ours extends readonly (infer OurItem)[]
      ? ValueGaps<OurItem, TheirItem, Path>
      : never
    : Theirs extends Message
      ? Gaps<Ours, Theirs, Path>
      : never
  : `${Path} is ${KindOf<Ours>} in facts and ${KindOf<Theirs>} in proto`;

/** A list cannot be absent on the wire, and a message always may be: what is asked of them is said below and in `decode`. */
type AbsenceGap<Ours, Theirs, K extends keyof Ours & keyof Theirs & string, Path extends string> =
  NonNullable<Theirs[K]> extends readonly unknown[]
    ? MayBeAbsent<Ours, K> extends true
      ? `${NameOf<Theirs>}.${K}`
      : never
    : NonNullable<Theirs[K]> extends Message
      ? never
      : MayBeAbsent<Ours, K> extends MayBeAbsent<Theirs, K>
        ? never
        : `${Path} may be absent in only one of facts and proto`;

/**
 * Lists that `facts` lets be absent. The wire knows no absent list, so they come back as `[]`, and both mean the same to
 * every reader. No new ones: a list is empty where there is nothing to list.
 */
type ListsThatMayBeAbsent =
  | 'evenkeel.execution.v1.OrderLimits.maxPosition'
  | 'evenkeel.execution.v1.OrderLimits.maxGreeks'
  | 'evenkeel.execution.v1.OrderLimits.maxVenueNotionalUsd'
  | 'evenkeel.execution.v1.OrderLimits.restrictedInstruments'
  | 'evenkeel.price.v1.SourceDegraded.observed'
  | 'evenkeel.price.v1.SourceRecovered.observed';

type MessageOf<C> = C extends MessageCodec<infer M> ? M : never;

type PayloadGaps = {
  [T in EventType]: Gaps<EventPayloads[T], MessageOf<PayloadCodecs[T]>, T>;
}[EventType];

/** Events inside a commit are payload bytes on the wire and domain events in ours; the codec turns one into the other. */
type EnvelopeGaps = Gaps<Omit<Commit, 'events'>, Omit<CommitMessage, 'events'>, 'Commit'>;

type MarketGaps =
  | Gaps<Mark, MarkMessage, 'Mark'>
  | Gaps<FundingRate, FundingRateMessage, 'FundingRate'>
  | Gaps<DeliveryPrice, DeliveryPriceMessage, 'DeliveryPrice'>;

type AllGaps = PayloadGaps | EnvelopeGaps | MarketGaps;

/** An error here names the fields that differ. Generated code that is out of date shows here too: `node tools/build.mjs`. */
const FACTS_AND_PROTO_AGREE: [Exclude<AllGaps, ListsThatMayBeAbsent>] extends [never]
  ? true
  : Exclude<AllGaps, ListsThatMayBeAbsent> = true;
const LISTS_NAMED_ARE_THERE: [Exclude<ListsThatMayBeAbsent, AllGaps>] extends [never]
  ? true
  : Exclude<ListsThatMayBeAbsent, AllGaps> = true;
void [FACTS_AND_PROTO_AGREE, LISTS_NAMED_ARE_THERE];
