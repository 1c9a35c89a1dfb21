import { viewOf } from '@evenkeel/eventing';
import type { Json } from '@evenkeel/kernel';
import type { Tape } from '@evenkeel/market';
import type { BookUnderManagement } from '@evenkeel/engine';
import { runInProcess } from '../in-process-run';
import type { PolicyChange } from '../in-process-run';
import type { VenueSettings } from '@evenkeel/adapter-venue-sim';
import { createHedgeOutcome } from './hedge-outcome';
import type { HedgeOutcome } from './hedge-outcome';

/** A policy under a name that tables and charts show. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: Json;
}

export interface OutcomeRequest {
  readonly tape: Tape;
  readonly book: BookUnderManagement;
  readonly policy: Json;
  /** Policies that take over later, as a person would set them. */
  readonly changes?: readonly PolicyChange[];
  readonly venue?: VenueSettings;
  readonly onProgress?: (fraction: number) => void;
}

/** Runs the production cores over one market with one policy and reads off what it did to the book. */
export function outcomeOf(request: OutcomeRequest): HedgeOutcome {
  const { tape, book, policy, changes, venue, onProgress } = request;
  const run = runInProcess({
    tape,
    books: [{ ...book, policy }],
    journal: 'light',
    ...(changes === undefined ? {} : { changes }),
    ...(venue === undefined ? {} : { venue }),
    ...(onProgress === undefined ? {} : { onProgress: (fraction: number) => onProgress(fraction) }),
  });
  const fold = createHedgeOutcome(book.file.book);
  for (const { commit } of run.journal.all) fold.add(viewOf(commit));
  return fold.report(tape.to);
}
