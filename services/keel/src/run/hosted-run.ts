import { claimRun } from '../stack/run-claim';
import type { Pace } from '../stack/run-claim';
import type { Home } from '../stack/home';
import { settings } from '../stack/environment';
import { requireFreePorts } from '../stack/service-environment';
import { SERVER_NAMES, serversToStart } from '../stack/stack-lease';
import { openStack } from '../stack/stack';
import type { Stack } from '../stack/stack';
import { interruption } from '../commands/interruption';
import { standingRemarks } from './standing-remarks';

/** What runs on the servers of a home. */
export interface HostedRun<R> {
  run(): Promise<R>;
  /** Ends whatever it started, in order. */
  stop(): Promise<void>;
}

export interface RunHost<R> {
  readonly home: Home;
  readonly pace: Pace;
  readonly say: (line: string) => void;
  /** What can begin before there are servers; returns the way to end it. */
  readonly begin?: () => () => Promise<void>;
  /** `opened` is told the epoch as soon as there is one. */
  readonly prepare: (stack: Stack, opened: (epoch: string, isNew: boolean) => void) => Promise<HostedRun<R>>;
}

/** The one run of a home, from start to end; undefined where it was interrupted, and has ended in order. */
export async function hostRun<R>({ home, pace, say, begin, prepare }: RunHost<R>): Promise<R | undefined> {
  const given = settings();
  requireFreePorts(process.env);
  const claim = claimRun(home, pace);
  const interrupted = interruption();
  const stopped: (() => Promise<void>)[] = [];
  const run = async (): Promise<R> => {
    const servers = serversToStart(given).map((server) => SERVER_NAMES[server]);
    if (servers.length > 0) say(`starting ${servers.join(' and ')}, unless up`);
    const opening = openStack({ home, say });
    opening.catch(() => undefined); // heard below
    // Everything else waits for the servers, so who starts them is on the way first.
    await new Promise(setImmediate);
    if (begin !== undefined) stopped.push(begin());
    const stack = await opening;
    stopped.push(() => stack.stop());
    const remark = async (): Promise<void> => {
      // What cannot be looked up now keeps nothing from running.
      for (const line of await standingRemarks(stack, home).catch(() => [])) say(line);
    };
    const hosted = await prepare(stack, (epoch, isNew) => {
      claim.tell({ epoch });
      if (isNew && Number(epoch) > 1)
        say(`epoch ${epoch} is a new one; those before it stay in the ledger: \`keel epoch list\``);
      void remark();
    });
    stopped.push(() => hosted.stop());
    const outcome = await Promise.race([hosted.run(), stack.lost]);
    await remark();
    return outcome;
  };
  try {
    const running = run();
    running.catch(() => undefined); // heard below, or not any more
    const outcome = await Promise.race([running, interrupted.signalled]);
    if (outcome !== 'interrupted') return outcome;
    say('interrupted; stopping in order');
    return undefined;
  } finally {
    for (const stop of stopped.reverse()) await stop();
    interrupted.forget();
    claim.release();
  }
}
