import pino from 'pino';
import type { Logger } from 'pino';

/** Structured logs as JSON lines on stderr, so that stdout stays for results. */
export function createLogger(service: string, level: string): Logger {
  return pino(
    { name: service, level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}

export type { Logger } from 'pino';
