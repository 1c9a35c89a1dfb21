import type { Instant } from '@evenkeel/kernel';
import { median } from '@evenkeel/kernel';
import type { Findings } from './findings';
import { timesOf } from './looks-like';
import { createSpacing } from './spacing';
import type { SpacingRules } from './spacing';

/** Venues cap what one interval can cost: the widest caps are 3 to 4 %. */
const RATE_MAX = 0.04;
/** No perpetual pays so much in every interval for long: 0.3 % in eight hours is 330 % a year. */
const USUAL_MAX = 0.003;
/** A rate above this that is more than so many times the usual one is told to a person. */
const NOTABLE = 0.0005;
const UNUSUAL = 8;

/** Judges the rates of one file in the order of time. */
export interface FundingJudge {
  /** What is wrong with the rate of one row, a fraction. */
  rate(line: number, at: Instant, rate: number): string | undefined;
  end(): void;
}

/** `stated`: the source says the unit of its rates, so that no size of them is doubted for it. */
export function createFundingJudge(
  rules: SpacingRules & { readonly stated: boolean },
  findings: Findings,
): FundingJudge {
  const { file, stated } = rules;
  const spacing = createSpacing(rules, findings);
  const seen: { line: number; size: number }[] = [];
  const say = 'a source can say "rateUnit": "percent" or "fraction"';
  return {
    rate(line, at, rate) {
      spacing.row(line, at);
      const size = Math.abs(rate);
      seen.push({ line, size });
      if (stated || size <= RATE_MAX) return undefined;
      const seems = size / 100 > RATE_MAX ? '' : ', and looks like per cent';
      return `funding_rate ${rate} is ${Number((size * 100).toPrecision(3))} % of the notional in one interval${seems}: ${say}`;
    },
    end() {
      spacing.end();
      const usual = median(seen.map(({ size }) => size)) ?? 0;
      if (!stated && usual > USUAL_MAX && usual <= RATE_MAX)
        findings.problem(
          file,
          seen.find(({ size }) => size >= usual)?.line ?? 1,
          `funding_rate ${usual} is the usual size here, ${Number((usual * 100).toPrecision(3))} % in every interval, and looks like per cent: ${say}`,
        );
      for (const { line, size } of seen) {
        if (size > NOTABLE && size > UNUSUAL * usual)
          findings.remark(
            file,
            line,
            'unusual',
            `funding_rate of ${size} is ${timesOf(size, usual)} the usual size, ${usual}`,
          );
      }
    },
  };
}
