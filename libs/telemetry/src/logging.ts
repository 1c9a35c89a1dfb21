import { inSourceLines } from '@evenkeel/platform';
import pino from 'pino';
import type { Logger } from 'pino';
import { Repeated } from './repeated';

/** Lines that wait to be written, at most: whoever reads them may stall, and hedging does not wait for that. */
const WAITING_MAX_BYTES = 8 * 1024 * 1024;

/**
 * Structured logs as JSON lines on stderr, so that stdout stays for results. Nobody waits for them to be written; at the
 * end of the process they are. Warnings and errors of the same words that go on are thinned: `leftOut` says by how many.
 */
export function createLogger(service: string, level: string, fd = 2): Logger {
  const repeated = new Repeated();
  return pino(
    {
      name: service,
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: traced },
      hooks: {
        logMethod(args, method, lineLevel) {
          if (lineLevel < pino.levels.values['warn']! || lineLevel >= pino.levels.values['fatal']!)
            return method.apply(this, args);
          const leftOut = repeated.admit(wordsOf(args), performance.now());
          if (leftOut === undefined) return;
          if (leftOut === 0) return method.apply(this, args);
          const [first, ...rest] = args as [unknown, ...unknown[]]; // what pino's methods take
          const fields = first instanceof Error ? { err: first } : typeof first === 'object' ? first : {};
          const words = typeof first === 'string' ? [first, ...rest] : rest;
          return method.apply(this, [{ ...fields, leftOut }, ...words] as unknown as Parameters<
            typeof method
          >); // the same with one field more
        },
      },
    },
    pino.destination({ fd, sync: false, maxLength: WAITING_MAX_BYTES }),
  );
}

function traced(error: Error): unknown {
  const said: unknown = pino.stdSerializers.err(error);
  const hasStack =
    typeof said === 'object' && said !== null && 'stack' in said && typeof said.stack === 'string';
  return hasStack ? Object.assign(said, { stack: inSourceLines(String(said.stack)) }) : said;
}

/** What a line says, whatever it says it about; and the code of the error where there is one. */
function wordsOf(args: readonly unknown[]): string {
  const words = args.find((arg) => typeof arg === 'string') ?? '';
  const [fields] = args;
  const err = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : fields;
  const code = typeof err === 'object' && err !== null && 'code' in err ? String(err.code) : '';
  return `${String(words)} ${code}`;
}

export type { Logger } from 'pino';
