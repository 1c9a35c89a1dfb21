import type { InstrumentId } from '@evenkeel/instruments';
import type { ConnectorDefinition } from './registry';

/** Something that befalls an exchange of ours at a moment of its life. */
export interface Accident {
  readonly afterMs: number;
  readonly what:
    /** The fair price of every perpetual jumps by `value` basis points. */
    | 'shock'
    /** The next order is refused. */
    | 'reject'
    /** The next immediate order gets at most `value` lots. */
    | 'partial'
    /** The next order is taken, and the connection is cut before the answer. */
    | 'lose-answer'
    /** The connection is cut before the next order is read. */
    | 'lose-order'
    /** Every connection is cut. */
    | 'cut'
    /** `value` requests of every connection are answered with a refusal: too many. */
    | 'throttle'
    | 'outage-begins'
    | 'outage-ends'
    /** Every account pays (or gets) funding on its perpetuals at `value` basis points of notional. */
    | 'funding'
    /** Accounts whose equity is below their maintenance margin are closed out at the market. */
    | 'margin-call';
  readonly value?: number;
}

/** An exchange of ours while it runs. */
export interface RunningExchange {
  readonly url: string;
  /** Where its feeds speak, by the names of the feeds. */
  readonly feeds: Readonly<Record<string, string>>;
  /** What an entry of the venue settings says beside the name of the connector, so that orders come here. */
  readonly access: Readonly<Record<string, unknown>>;
  /** Carries out a script of accidents; `note` hears of each as it happens. Returns the way to end it. */
  play(script: readonly Accident[], note: (accident: Accident) => void): () => void;
  close(): Promise<void>;
}

export interface ExchangeNeeds {
  /** Everything that is held or hedged with. */
  readonly instruments: readonly InstrumentId[];
  /** Each gets an account of its own. */
  readonly books: readonly string[];
  readonly clockOffsetMs: number;
  readonly stepMs: number;
  readonly seed: string;
  /** Largest move of a perpetual in one step, in ticks. */
  readonly moveMax: number;
}

/** An exchange of ours that a run starts on this machine, in a process of its own. */
export interface LocalExchange {
  /** What the process is told, as plain JSON, and the keys of the accounts as environment of whoever trades there. */
  prepare(needs: ExchangeNeeds): {
    readonly config: unknown;
    readonly keys: Readonly<Record<string, string>>;
  };
  /** Runs in that process, with what `prepare` gave. */
  open(config: unknown): Promise<RunningExchange>;
}

/** A venue at which a book can be hedged in real time, by the name that people give. */
export interface LiveVenue {
  readonly name: string;
  /** The venue in the ids of what trades there. */
  readonly venue: string;
  /** The feed of its market data. */
  readonly feed: string;
  /** Feeds whose main contract of each underlying joins its composite, besides what the books name. */
  readonly witnesses: readonly string[];
  /** What hedges an underlying there where a book names nothing that trades there. */
  hedgeOf(underlying: string): InstrumentId;
  /** How orders reach it. */
  readonly connector: ConnectorDefinition;
  /** Absent for a venue that is out there. */
  readonly local?: LocalExchange;
}
