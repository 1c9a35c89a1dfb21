import { formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Findings } from './findings';
import { apart, timesOf } from './looks-like';
import { createMarkJudge } from './mark-judge';
import type { JudgedOption, QuoteNumbers } from './quote-numbers';

/** One price cannot be another's by more than this within one moment: feeds lag by seconds. */
const SAME_MOMENT = 1.05;
/** The forward of an expiry is off the index by no more than this, and so much more for each year: a carry of 100 %. */
const BASIS = 0.25;
const BASIS_PER_YEAR = 1;
const NANOS_PER_YEAR = 365 * 86_400 * 1e9;
/** Bids far above and asks far below the mark: by this factor and these many coins, or that part of the forward. */
const FAR = 3;
const TICKS = 0.0005;
/** More crossed quotes than this part of those with both sides are columns out of place, no market. */
const CROSSED_MAX = 0.5;
/** Above this, 2,000 %, a volatility is no fraction. */
const VOLATILITY_MAX = 20;
const VOLATILITY_JUMP = 4;
const FAR_ASK = 5;
/** A mark outside its own quote by so much is told. */
const BESIDE = 1.05;

/** Judges the quotes of one chain in the order of time. */
export interface ChainJudge {
  /** What is wrong with a quote; what takes the pricing kernel or several rows goes to the findings. */
  quote(line: number, at: Instant, option: JudgedOption, numbers: QuoteNumbers): string | undefined;
  end(): void;
}

export function createChainJudge(file: string, findings: Findings): ChainJudge {
  const marks = createMarkJudge(file, findings);
  // Of this moment: the first index, and the first forward of each expiry, that a row has not contradicted by itself.
  const forwards = new Map<Instant, Seen>();
  let moment: Instant | undefined;
  let lastMoment: Instant | undefined;
  let moments = 0;
  let sided = 0;
  const crossed: number[] = [];
  const beside: number[] = [];
  let index: Seen | undefined;
  return {
    quote(line, at, option, numbers) {
      if (at !== moment) {
        lastMoment = moment;
        moment = at;
        moments += 1;
        index = undefined;
        forwards.clear();
      }
      const problem =
        valueProblem(numbers) ??
        levelProblem(at, option, numbers, index, forwards.get(option.expiry)) ??
        sideProblem(option, numbers);
      if (problem !== undefined) return problem;
      index ??= { line, value: numbers.index };
      if (!forwards.has(option.expiry)) forwards.set(option.expiry, { line, value: numbers.forward });
      if (numbers.bid > 0 && numbers.ask > 0) sided += 1;
      if (numbers.bid > 0 && numbers.ask > 0 && numbers.bid > numbers.ask) crossed.push(line);
      if (numbers.bid > 0 && numbers.ask > 0 && isBeside(numbers)) beside.push(line);
      remarkSides(file, line, option, numbers, findings);
      const { volatility } = numbers;
      const last = option.quoted;
      if (last.steady && last.moment === moments - 2 && lastMoment !== undefined)
        findings.remark(
          file,
          line,
          'hole',
          `${option.id} is quoted here, and not at ${formatInstant(lastMoment)} before`,
        );
      if (volatility > 0 && last.volatility > 0 && apart(volatility, last.volatility, VOLATILITY_JUMP))
        findings.remark(
          file,
          line,
          'volatility',
          `implied_volatility ${volatility} of ${option.id} is ${timesOf(volatility, last.volatility)} the last, ${last.volatility}`,
        );
      last.volatility = volatility;
      last.steady = last.moment === moments - 1;
      last.moment = moments;
      marks.add(line, at, option, numbers);
      return undefined;
    },
    end() {
      marks.end();
      const [first] = crossed;
      const [firstBeside] = beside;
      if (firstBeside !== undefined && first === undefined && beside.length > CROSSED_MAX * sided)
        findings.problem(
          file,
          firstBeside,
          `mark_price lies beside bid_price to ask_price, as in ${beside.length} of ${sided} quotes: the columns are out of place`,
        );
      if (first !== undefined && crossed.length > CROSSED_MAX * sided)
        findings.problem(
          file,
          first,
          `bid_price lies above ask_price, as in ${crossed.length} of ${sided} quotes: the columns are out of place`,
        );
      else
        for (const line of crossed)
          findings.remark(file, line, 'crossed', 'bid_price lies above ask_price: the mark is DEGRADED');
    },
  };
}

interface Seen {
  readonly line: number;
  readonly value: number;
}

/** What the sides of a quote say of its mark and of one another. */
function remarkSides(
  file: string,
  line: number,
  option: JudgedOption,
  numbers: QuoteNumbers,
  findings: Findings,
): void {
  const { bid, ask, mark, forward } = numbers;
  const unit = option.inCoin ? Math.max(1, option.strike / forward) : forward;
  if (bid > 0 && ask > FAR_ASK * (mark + TICKS * unit) && bid * 2 > mark)
    findings.remark(
      file,
      line,
      'ask',
      `ask_price ${ask} is ${timesOf(ask, mark)} mark_price, ${mark}, and bid_price is near it`,
    );
  const slack = TICKS * unit;
  if (mark * BESIDE + slack < bid || (ask > 0 && mark > ask * BESIDE + slack))
    findings.remark(
      file,
      line,
      'beside',
      `mark_price ${mark} lies beside bid_price ${bid} to ask_price ${ask}`,
    );
}

function isBeside({ bid, ask, mark }: QuoteNumbers): boolean {
  return mark < bid || mark > ask;
}

/** Numbers that are none of what their column holds. */
function valueProblem({ mark, forward, index, bid, ask, volatility }: QuoteNumbers): string | undefined {
  if (!(forward > 0)) return `underlying ${forward} is not a price`;
  if (!(index > 0)) return `index_price ${index} is not a price`;
  if (mark < 0) return `mark_price ${mark} is negative`;
  if (bid < 0) return `bid_price ${bid} is negative`;
  if (ask < 0) return `ask_price ${ask} is negative`;
  if (volatility < 0) return `implied_volatility ${volatility} is negative`;
  return undefined;
}

/** Prices of the underlying against one another, and the time against the expiry. */
function levelProblem(
  at: Instant,
  { expiry }: JudgedOption,
  numbers: QuoteNumbers,
  momentIndex: Seen | undefined,
  momentForward: Seen | undefined,
): string | undefined {
  const { forward, index } = numbers;
  if (at > expiry) return `is quoted at ${formatInstant(at)}, after it expired`;
  if (momentIndex !== undefined && apart(index, momentIndex.value, SAME_MOMENT))
    return `index_price ${index} is ${timesOf(index, momentIndex.value)} that of line ${momentIndex.line} at the same moment, ${momentIndex.value}`;
  if (momentForward !== undefined && apart(forward, momentForward.value, SAME_MOMENT))
    return `underlying ${forward} is ${timesOf(forward, momentForward.value)} that of line ${momentForward.line}, of the same expiry and moment, ${momentForward.value}`;
  const years = Number(expiry - at) / NANOS_PER_YEAR;
  if (apart(forward, index, 1 + BASIS + BASIS_PER_YEAR * years))
    return `underlying ${forward} is ${timesOf(forward, index)} index_price, ${index}`;
  return undefined;
}

/** Bid, ask and mark against one another. */
function sideProblem(
  option: JudgedOption,
  { mark, forward, bid, ask, volatility }: QuoteNumbers,
): string | undefined {
  const unit = option.inCoin ? Math.max(1, option.strike / forward) : forward;
  const slack = TICKS * unit;
  if (bid > FAR * mark + slack)
    return `bid_price ${bid} is ${mark > 0 ? timesOf(bid, mark) : 'far above'} mark_price, ${mark}`;
  if (ask > 0 && FAR * ask + slack < mark)
    return `ask_price ${ask} is ${timesOf(ask, mark)} mark_price, ${mark}`;
  if (volatility > VOLATILITY_MAX && mark === 0)
    return `implied_volatility ${volatility} looks like per cent: a source can say "volatilityUnit": "percent"`;
  return undefined;
}
