import { failure, success, type Instant, type Nanoseconds, type Result } from '@evenkeel/kernel';

import { SECOND_NS, readPart, type WireValue } from '@evenkeel/venue-wire';

import type { Ask, CallOutcome, OrderDialect } from './dialect';
import { Pacer, type Urgency } from './pacer';
import { HttpClient, type HttpCall } from './signed-http';

export interface VenueCallsOptions {
  readonly dialect: OrderDialect;
  readonly clock: () => Instant;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly onThrottled: (forNs: Nanoseconds) => void;
}

/** An order that waited longer was decided at other prices. */
const PATIENCE_NS: Readonly<Record<Urgency, Nanoseconds>> = {
  'take-back': 30n * SECOND_NS,
  order: 2n * SECOND_NS,
  question: 10n * SECOND_NS,
};
const THROTTLED_NS = SECOND_NS;

/** Signed calls to one venue within its rate limit. */
export class VenueCalls {
  private readonly http: HttpClient;
  private readonly pacer: Pacer;

  constructor(private readonly options: VenueCallsOptions) {
    this.http = new HttpClient(options.baseUrl, options.timeoutMs);
    this.pacer = new Pacer(options.dialect.pace, options.clock);
  }

  readonly ask: Ask = async (call: HttpCall, urgency: Urgency = 'question'): Promise<CallOutcome> => {
    const { dialect, clock, onThrottled } = this.options;
    if (!(await this.pacer.turn(urgency, PATIENCE_NS[urgency])))
      return { outcome: 'too-many', reason: 'held back by our own rate limit' };
    // Signed when it leaves: the venue refuses what is older than its window.
    const nowMs = Number(clock() / 1_000_000n);
    const headers = dialect.headers(call, nowMs);
    const http = await this.http.call(dialect.sign?.(call, nowMs) ?? call, headers);
    if (http.outcome !== 'answered') return http;
    const read = dialect.readAnswer(http.status, http.text);
    if (read.outcome === 'too-many') {
      this.pacer.hold(THROTTLED_NS);
      onThrottled(THROTTLED_NS);
    }
    return read;
  };

  tick(): void {
    this.pacer.tick();
  }

  close(): void {
    this.pacer.close();
    this.http.close();
  }
}

/** The part of an answer that was asked for; a failure where there is no answer or it can't be read. */
export function readOutcome<T>(outcome: CallOutcome, read: (result: WireValue) => T): Result<T> {
  switch (outcome.outcome) {
    case 'answered':
      return readPart(outcome.result, read);
    case 'refused':
      return failure('VENUES.REQUEST_REFUSED', `${outcome.code} ${outcome.reason}`);
    case 'too-many':
      return failure('VENUES.REQUEST_REFUSED', outcome.reason);
    case 'not-sent':
    case 'unknown':
      return failure('VENUES.NO_ANSWER', outcome.reason);
  }
}

const PAGES_MAX = 100;

/** Every page of a list, each asked for with the mark that the one before ended with. */
export async function readPages<T>(
  ask: Ask,
  page: (after: string | undefined) => HttpCall,
  read: (result: WireValue) => { readonly items: readonly T[]; readonly after: string | undefined },
): Promise<Result<T[]>> {
  const all: T[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const answer = readOutcome(await ask(page(after)), read);
    if (!answer.ok) return answer;
    all.push(...answer.value.items);
    after = answer.value.after;
    if (after === undefined) return success(all);
  }
  return failure('VENUES.NO_ANSWER', `a list of more than ${PAGES_MAX} pages`);
}
