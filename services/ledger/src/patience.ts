import { setTimeout as delay } from 'node:timers/promises';
import { EvenkeelError, IntegrityFault, InvalidInputError } from '@evenkeel/kernel';

const RETRY_MS = 250;

/**
 * Does something again until it works: databases and servers may be away for a while. What contradicts itself, and what
 * a person wrote wrong, is thrown at once; anything else after `tries`.
 */
export async function patiently<T>(
  work: () => Promise<T>,
  onTrouble: (error: unknown) => void,
  tries = Number.POSITIVE_INFINITY,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof EvenkeelError && error.code === 'POSTGRES.LOGIN_TOO_STRONG') throw error;
      if (error instanceof IntegrityFault || error instanceof InvalidInputError || attempt >= tries)
        throw error;
      onTrouble(error);
      await delay(RETRY_MS);
    }
  }
}
