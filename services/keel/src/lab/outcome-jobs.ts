import type { Json } from '@evenkeel/kernel';
import { changesOfFolds, outcomesOf, parseScenarioFile, shockedTape } from '@evenkeel/lab';
import type { BookUnderManagement } from '@evenkeel/engine';
import type { Fold, HedgeOutcome } from '@evenkeel/lab';
import { readNamedText } from '@evenkeel/config';
import type { Tape } from '@evenkeel/market';
import { loadRunInputs } from '../run/inputs';
import type { RunInputs } from '../run/inputs';

/** A market by what it is made from, so that a worker can make it for itself. */
export interface MarketName {
  readonly name: string;
  readonly tape?: string;
  readonly books: readonly string[];
  readonly instruments?: string;
  readonly seed: string;
  readonly days: number;
  readonly scenario?: string;
}

/** One run of the production cores. */
export interface OutcomeJob {
  readonly market: MarketName;
  /** Index in the market's books. */
  readonly book: number;
  readonly policy: Json;
  /** Walk-forward: when which variant takes over, from the outcome that the folds were cut from. */
  readonly fit?: {
    readonly outcome: HedgeOutcome;
    readonly folds: readonly Fold[];
    readonly variants: readonly Json[];
  };
}

interface LoadedMarket {
  readonly inputs: RunInputs;
  readonly tape: Tape;
}

/** Runs jobs one after the other and keeps the markets it has read. */
export class OutcomeRunner {
  private readonly markets = new Map<string, LoadedMarket>();

  /** Jobs of one market and book, over one pass. */
  run(jobs: readonly OutcomeJob[]): HedgeOutcome[] {
    return outcomesOf(
      jobs.map(({ market, book: place, policy, fit }) => {
        const { inputs, tape } = this.load(market);
        const book = inputs.books[place];
        if (book === undefined) throw new RangeError(`the market has no book ${place}`);
        const changes =
          fit === undefined ? undefined : changesOfFolds(book, fit.outcome, fit.folds, fit.variants);
        return { tape, book, policy, ...(changes === undefined ? {} : { changes }) };
      }),
    );
  }

  books(market: MarketName): readonly BookUnderManagement[] {
    return this.load(market).inputs.books;
  }

  /** What a person should know of a market before anything is worked out on it. */
  remarks(market: MarketName): readonly string[] {
    return this.load(market).inputs.remarks;
  }

  private load(market: MarketName): LoadedMarket {
    const key = JSON.stringify(market);
    const known = this.markets.get(key);
    if (known !== undefined) return known;
    const { scenario } = market;
    const read = loadRunInputs(market);
    const inputs = { ...read, remarks: [...read.remarks, ...read.keepTape()] };
    const tape =
      scenario === undefined
        ? inputs.tape
        : shockedTape(inputs.tape, parseScenarioFile(readNamedText(scenario), scenario).shocks, market.name);
    const loaded = { inputs, tape };
    this.markets.set(key, loaded);
    return loaded;
  }
}
