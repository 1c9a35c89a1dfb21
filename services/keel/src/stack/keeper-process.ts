import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '@evenkeel/kernel';
import { isClaim, takeClaim } from './home-claim';
import type { Claim, Holder } from './home-claim';
import type { Home } from './home';
import type { Keeper } from './keeper';
import { keeperRecord } from './keeper-protocol';

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 55_000;

/** One keeper per home: waits while another one ends, and gives way to one that is there. */
export async function keeperClaim(home: Home): Promise<Claim | Holder> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const taken = takeClaim(home.claims, 'keeper');
    if (isClaim(taken) || keeperRecord(home) !== undefined) return taken;
    if (performance.now() > deadline)
      throw new OperationalError({
        code: 'KEEL.STACK_NOT_UP',
        message: `process ${taken.process.pid} keeps the servers of ${home.dir} since ${taken.since} and does not answer: end it, then try again`,
      });
    await delay(LOOK_EVERY_MS);
  }
}

/** Keeps the servers of a home until nobody needs them, or a signal comes. */
export async function keep(home: Home, claim: Claim, keeper: Keeper): Promise<void> {
  const end = (): void => void keeper.end();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    await keeper.ended;
  } finally {
    claim.release();
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}
