import { OperationalError } from '@evenkeel/kernel';

/** The connection is over, and another one may be tried. */
export class ConnectionOver extends Error {}

/** The session stops until a person has looked. */
export class SessionStopped extends OperationalError {
  constructor(message: string) {
    super({ code: 'DROPCOPY.STOPPED', message });
  }
}
