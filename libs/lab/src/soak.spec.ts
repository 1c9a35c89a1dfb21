import { SoakDesk } from './soak-desk.test-support';

const DAY = 8_640;

/** Steps of ten seconds of event time. */
function run(desk: SoakDesk, steps: number, revivedEvery: number): void {
  for (let step = 1; step <= steps; step += 1) {
    desk.step();
    if (step % revivedEvery === 0) desk.revive();
  }
}

const total = (desk: SoakDesk): number =>
  Object.values(desk.kept())
    .flatMap((kept) => Object.values(kept))
    .reduce((sum, count) => sum + count, 0);

it('keeps no more after a day and a third of orders than after a day', () => {
  const desk = new SoakDesk('soak', 'light');
  run(desk, 1.05 * DAY, DAY / 4);
  const [kept, bytes] = [total(desk), desk.revive()];
  expect(desk.orders).toBeGreaterThan(8_000);
  run(desk, 0.3 * DAY, DAY / 4);
  expect(desk.orders).toBeGreaterThan(10_000);
  expect(total(desk)).toBeLessThan(1.1 * kept);
  expect(desk.revive()).toBeLessThan(1.1 * bytes);
});

it('decides again what was decided, whatever was forgotten meanwhile', () => {
  const desk = new SoakDesk('soak chained', 'chained');
  run(desk, 300, 50);
  expect(desk.orders).toBeGreaterThan(250);
});
