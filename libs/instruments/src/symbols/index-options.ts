import { Decimal } from '@evenkeel/kernel';
import { SATURDAY, plusDays, sameDay, startOf, weekdayOf } from '../calendar/civil-day';
import type { CivilDay } from '../calendar/civil-day';
import { isNewYorkTradingDay, newYorkClose, newYorkTime, thirdFriday } from '../calendar/new-york';
import { CBOE } from '../terms/cboe';
import { NO_SUCH_DAY, numberedDay } from './symbol-terms';
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

function endOf(written: CivilDay): CivilDay {
  const saturday = weekdayOf(written) === SATURDAY && startOf(written) < startOf(NO_MORE_SATURDAYS);
  return saturday ? plusDays(written, -1) : written;
}

const isOpening = (time: string): boolean => time < '12:00';
