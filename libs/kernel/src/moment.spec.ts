import { formatInstant, parseInstant } from './instant';
import { MOMENT_EXAMPLES, instantOfMoment, tryParseMoment } from './moment';

const NEWEST = parseInstant('2026-01-09T12:30:00.25Z');

const read = (text: string): string | undefined => {
  const moment = tryParseMoment(text);
  return moment === undefined ? undefined : formatInstant(instantOfMoment(moment, NEWEST));
};

describe('a time as people write it', () => {
  it.each([
    ['2026-01-05T08:00:00Z', '2026-01-05T08:00:00Z'],
    ['2026-01-05T08:00+02:00', '2026-01-05T06:00:00Z'],
    ['2026-01-05', '2026-01-05T00:00:00Z'],
    ['now', '2026-01-09T12:30:00.250Z'],
    ['-2h', '2026-01-09T10:30:00.250Z'],
    ['now-2h', '2026-01-09T10:30:00.250Z'],
    ['-30m', '2026-01-09T12:00:00.250Z'],
    ['-90s', '2026-01-09T12:28:30.250Z'],
    ['-1d', '2026-01-08T12:30:00.250Z'],
    ['-1d12h', '2026-01-08T00:30:00.250Z'],
    ['-1w', '2026-01-02T12:30:00.250Z'],
    ['-0s', '2026-01-09T12:30:00.250Z'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    '',
    'soon',
    '2h',
    '-2',
    '-h',
    '- 2h',
    '-2x',
    '+2h',
    'now+1h',
    '2026-02-30',
    '2026-1-5',
    '-2h ',
    '4905',
  ])('is not %j', (text) => expect(tryParseMoment(text)).toBeUndefined());

  it('gives examples that are times', () => {
    for (const example of MOMENT_EXAMPLES.split(/, | or /)) expect(read(example)).toBeDefined();
  });
});
