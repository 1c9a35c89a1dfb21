import { formatInstant } from '@evenkeel/kernel';
import { civilDay } from './civil-day';
import type { CivilDay } from './civil-day';
import { isNewYorkTradingDay, newYorkClose, newYorkTime, thirdFriday } from './new-york';

function day(text: string): CivilDay {
  const [year = 0, month = 0, of = 0] = text.split('-').map(Number);
  const found = civilDay(year, month, of);
  if (found === undefined) throw new Error(`${text} is no day`);
  return found;
}

describe('a time of day in New York', () => {
  it.each([
    // Both ends of daylight saving, the day before and the day itself.
    ['2026-03-06', '16:00', '2026-03-06T21:00:00Z'],
    ['2026-03-08', '16:00', '2026-03-08T20:00:00Z'],
    ['2026-03-09', '09:30', '2026-03-09T13:30:00Z'],
    ['2026-10-30', '16:00', '2026-10-30T20:00:00Z'],
    ['2026-11-01', '16:00', '2026-11-01T21:00:00Z'],
    ['2026-11-02', '09:30', '2026-11-02T14:30:00Z'],
    // Until 2006 the summer was shorter.
    ['2006-03-31', '16:00', '2006-03-31T21:00:00Z'],
    ['2006-04-03', '16:00', '2006-04-03T20:00:00Z'],
    ['2006-10-30', '16:00', '2006-10-30T21:00:00Z'],
    ['2021-01-06', '16:15', '2021-01-06T21:15:00Z'],
  ])('%s %s is %s', (date, time, instant) => {
    expect(formatInstant(newYorkTime(day(date), time))).toBe(instant);
  });
});

describe('a day in New York', () => {
  it.each([
    ['2021-01-01', 'New Year’s Day'],
    ['2023-01-02', 'New Year’s Day, kept on Monday'],
    ['2026-01-19', 'Martin Luther King Day'],
    ['2026-02-16', 'Washington’s Birthday'],
    ['2022-04-15', 'Good Friday'],
    ['2025-04-18', 'Good Friday'],
    ['2026-05-25', 'Memorial Day'],
    ['2026-06-19', 'Juneteenth'],
    ['2026-07-03', 'Independence Day, kept on Friday'],
    ['2026-09-07', 'Labor Day'],
    ['2026-11-26', 'Thanksgiving'],
    ['2021-12-24', 'Christmas, kept on Friday'],
    ['2018-12-05', 'a day of mourning'],
    ['2012-10-29', 'a hurricane'],
    ['2026-11-28', 'a Saturday'],
  ])('%s is closed: %s', (date) => expect(isNewYorkTradingDay(day(date))).toBe(false));

  it.each([
    ['2021-12-31', 'New Year’s Day is not kept in the old year'],
    ['2021-06-18', 'Juneteenth was not kept yet'],
    ['2026-10-12', 'Columbus Day'],
    ['2026-11-11', 'Veterans Day'],
    ['2026-04-06', 'Easter Monday'],
  ])('%s is open: %s', (date) => expect(isNewYorkTradingDay(day(date))).toBe(true));

  it('ends early before some holidays', () => {
    expect(newYorkClose(day('2026-11-27'), '16:00')).toBe('13:00');
    expect(newYorkClose(day('2026-12-24'), '16:00')).toBe('13:00');
    expect(newYorkClose(day('2025-07-03'), '16:00')).toBe('13:00');
    expect(newYorkClose(day('2026-07-02'), '16:00')).toBe('16:00');
    expect(newYorkClose(day('2026-11-25'), '16:00')).toBe('16:00');
  });

  it('has a third Friday, or the Thursday before', () => {
    expect(thirdFriday(2021, 1)).toEqual(day('2021-01-15'));
    expect(thirdFriday(2022, 4)).toEqual(day('2022-04-14'));
    expect(thirdFriday(2026, 6)).toEqual(day('2026-06-18'));
  });

  it('exists', () => {
    expect(civilDay(2026, 2, 30)).toBeUndefined();
    expect(civilDay(2025, 2, 29)).toBeUndefined();
    expect(civilDay(2024, 2, 29)).toEqual({ year: 2024, month: 2, day: 29 });
    expect(civilDay(2026, 0, 1)).toBeUndefined();
  });
});
