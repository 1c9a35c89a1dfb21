import { Decimal } from '@evenkeel/kernel';
import { SATURDAY, plusDays, sameDay, startOf, weekdayOf } from '../calendar/civil-day';
import type { CivilDay } from '../calendar/civil-day';
import { isNewYorkTradingDay, newYorkClose, newYorkTime, thirdFriday } from '../calendar/new-york';
import { CBOE } from '../terms/cboe';
import { CME } from '../terms/cme';
import { NO_SUCH_DAY, monthOfLetter, numberedDay } from './symbol-terms';
import type { SymbolTerms } from './symbol-terms';

const THOUSANDTH = Decimal.parse('0.001');
/** Until then standard options were written with the Saturday after the day on which they ended. */
const NO_MORE_SATURDAYS: CivilDay = { year: 2015, month: 2, day: 1 };

/** A European, cash-settled option on an index. Ends when its settlement value is taken: at the open or at the close of New York. */
export function indexOption(root: string, date: string, side: string, strike: string): SymbolTerms | string {
  const ending = CBOE.endings[root];
  const product = CBOE.products.find(({ series }) => series === root);
  if (ending === undefined || product === undefined)
    return `has a root that is not known; known are ${Object.keys(CBOE.endings).join(', ')}`;
  const written = numberedDay(date);
  if (written === undefined) return NO_SUCH_DAY;
  const day = endOf(written);
  if (!isNewYorkTradingDay(day)) return 'expires on a day on which New York does not trade';
  if (root === 'SPX' && !sameDay(day, thirdFriday(day.year, day.month)))
    return 'expires at the open of a day that is no third Friday; SPXW is the root of the other days';
  const [time = ''] = ending.at.split(' ');
  const { underlying, settlement } = product;
  return {
    kind: 'option',
    underlying,
    quote: settlement,
    settlement,
    inverse: false,
    series: root,
    expiry: newYorkTime(day, isOpening(time) ? time : newYorkClose(day, time)),
    strike: Decimal.parse(strike).times(THOUSANDTH),
    optionType: side === 'C' ? 'call' : 'put',
  };
}

/** A cash-settled future on an index, of a quarter. Ends at the open of the third Friday. */
export function indexFuture(root: string, letter: string, year: string): SymbolTerms | string {
  const ending = CME.endings[root];
  const product = CME.products.find(({ series }) => series === root);
  if (ending === undefined || product === undefined)
    return `has a root that is not known; known are ${Object.keys(CME.endings).join(', ')}`;
  const month = monthOfLetter(letter);
  if (month === undefined || month % 3 !== 0)
    return 'is of no quarter: they end in March, June, September, December';
  const { underlying, settlement } = product;
  const [time = ''] = ending.at.split(' ');
  return {
    kind: 'future',
    underlying,
    quote: settlement,
    settlement,
    inverse: false,
    series: root,
    expiry: newYorkTime(thirdFriday(2000 + Number(year), month), time),
  };
}

function endOf(written: CivilDay): CivilDay {
  const saturday = weekdayOf(written) === SATURDAY && startOf(written) < startOf(NO_MORE_SATURDAYS);
  return saturday ? plusDays(written, -1) : written;
}

const isOpening = (time: string): boolean => time < '12:00';
