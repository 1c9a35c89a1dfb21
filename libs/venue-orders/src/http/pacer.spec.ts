import { Pacer } from './pacer';

const SECOND = 1_000_000_000n;
const RULES = {
  orders: { capacity: 2, refillNs: SECOND },
  questions: { capacity: 1, refillNs: SECOND },
};

class Clock {
  now = 1_000n * SECOND;
  readonly log: string[] = [];
  readonly pacer = new Pacer(RULES, () => this.now);

  ask(name: string, ...turn: Parameters<Pacer['turn']>): void {
    void this.pacer
      .turn(...turn)
      .then((granted) => this.log.push(`${name} ${granted ? 'left' : 'held back'}`));
  }

  async pass(seconds: bigint): Promise<string[]> {
    this.now += seconds * SECOND;
    this.pacer.tick();
    await new Promise((resolve) => setImmediate(resolve));
    return this.log.splice(0);
  }
}

describe('the pace of calls', () => {
  it('lets what takes orders back go before what places them, and questions beside both', async () => {
    const clock = new Clock();
    for (const name of ['first', 'second', 'third']) clock.ask(name, 'order', 30n * SECOND);
    clock.ask('cancel', 'take-back', 30n * SECOND);
    clock.ask('question', 'question', 30n * SECOND);
    expect(await clock.pass(0n)).toEqual(['first left', 'second left', 'question left']);
    expect(await clock.pass(1n)).toEqual(['cancel left']);
    expect(await clock.pass(1n)).toEqual(['third left']);
  });

  it('holds back for certain what has waited too long, and everything while the venue wants quiet', async () => {
    const clock = new Clock();
    clock.pacer.hold(5n * SECOND);
    clock.ask('order', 'order', 2n * SECOND);
    clock.ask('cancel', 'take-back', 30n * SECOND);
    expect(await clock.pass(3n)).toEqual(['order held back']);
    expect(await clock.pass(1n)).toEqual([]);
    expect(await clock.pass(2n)).toEqual(['cancel left']);
  });

  it('leaves nobody waiting when it ends', async () => {
    const clock = new Clock();
    clock.pacer.hold(5n * SECOND);
    clock.ask('order', 'order', 30n * SECOND);
    clock.pacer.close();
    expect(await clock.pass(0n)).toEqual(['order held back']);
  });
});
