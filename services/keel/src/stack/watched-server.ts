import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '@evenkeel/kernel';

interface Startable {
  readonly port: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** A server that is started again when it ends, on the port that its clients know. */
export interface Watched<T> {
  current(): T;
  stop(): Promise<void>;
}

const TRIES = 5;
const BETWEEN_TRIES_MS = 500;

/** Keeps an embedded server up until it is told to stop; `lost` where it cannot be started again. */
export async function watched<T extends Startable>(
  name: string,
  start: (port: number | undefined) => Promise<T>,
  say: (line: string) => void,
  lost: (reason: Error) => void,
): Promise<Watched<T>> {
  let stopping = false;
  let current = await start(undefined);
  let restarting: Promise<void> = Promise.resolve();
  const again = async (port: number): Promise<void> => {
    for (let tries = 1; !stopping; tries += 1) {
      try {
        current = await start(port);
        watch(current);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        say(`${name} could not be started again: ${reason}`);
        if (tries < TRIES) await delay(BETWEEN_TRIES_MS);
        else return lost(serverLost(name, reason));
      }
    }
  };
  const watch = (server: T): void => {
    void server.exited.then(() => {
      if (stopping) return;
      say(`${name} ended unexpectedly; starting it again`);
      restarting = again(server.port);
    });
  };
  watch(current);
  return {
    current: () => current,
    async stop() {
      stopping = true;
      await restarting;
      await current.stop();
    },
  };
}

function serverLost(name: string, reason: string): OperationalError {
  return new OperationalError({
    code: 'KEEL.SERVER_LOST',
    message: `${name} ended and could not be started again: ${reason}`,
  });
}
