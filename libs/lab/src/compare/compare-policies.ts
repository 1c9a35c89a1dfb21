import { viewOf } from '@evenkeel/eventing';
import { required } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { Tape } from '@evenkeel/market';
import type { BookUnderManagement } from '@evenkeel/engine';
import { runTogether } from '../in-process-run';
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
  return required(outcomesOf([request])[0], 'the outcome that was asked for');
}

/** The same for several policies of one market and book, over one pass. Commits are read off as they come and let go. */
export function outcomesOf(requests: readonly OutcomeRequest[]): HedgeOutcome[] {
  const folds = requests.map(({ book }) => createHedgeOutcome(book.file.book));
  runTogether(
    requests.map(({ tape, book, policy, changes, venue, onProgress }, index) => ({
      tape,
      books: [{ ...book, policy }],
      journal: 'light',
      onCommit: ({ commit }) => folds[index]?.add(viewOf(commit)),
      ...(changes === undefined ? {} : { changes }),
      ...(venue === undefined ? {} : { venue }),
      ...(onProgress === undefined ? {} : { onProgress: (fraction: number) => onProgress(fraction) }),
    })),
  );
  return folds.map((fold, index) => fold.report(requests[index]?.tape.to ?? 0n));
}
