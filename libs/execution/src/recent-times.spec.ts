import fc from 'fast-check';
import { countAfter, forgetTime, forgetTimes, noteTime } from './recent-times';

const at = fc.bigInt({ min: 0n, max: 30n });

it('counts and forgets as a list that is filtered, in whatever order times come', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('note', 'forget', 'up to'), at)), (steps) => {
      const times: bigint[] = [];
      let expected: bigint[] = [];
      for (const [step, time] of steps) {
        if (step === 'note') {
          noteTime(times, time);
          expected.push(time);
        } else if (step === 'up to') {
          forgetTimes(times, time);
          expected = expected.filter((known) => known > time);
        } else {
          forgetTime(times, time);
          const found = expected.indexOf(time);
          if (found >= 0) expected.splice(found, 1);
        }
        expect(countAfter(times, time)).toBe(expected.filter((known) => known > time).length);
        expect([...times].sort()).toEqual([...expected].sort());
      }
    }),
  );
});
