import { OperationalError } from '@evenkeel/kernel';
import { holderOf, isClaim, takeClaim } from './home-claim';
import type { Claim, Holder } from './home-claim';
import type { Home } from './home';

/** A run that goes on in a home. */
export interface RunGoingOn {
  readonly pid: number;
  /** Wall time, ISO. */
  readonly since: string;
  /** The command, as it was typed. */
  readonly command: string;
  /** Absent until it has opened one. */
  readonly epoch?: string;
  readonly pace: Pace;
}

export type Pace = 'tape' | 'real time';

const COMMAND_SHOWN = 200;

/** One run at a time in a home: its services, its epoch and its market are those of the home. Throws `KEEL.HOME_IN_USE`. */
export function claimRun(home: Home, pace: Pace, argv: readonly string[] = process.argv.slice(2)): Claim {
  const command = `keel ${argv.join(' ')}`.slice(0, COMMAND_SHOWN);
  const taken = takeClaim(home.claims, 'run', { command, pace });
  if (isClaim(taken)) return taken;
  const { pid, since, epoch, command: its } = runOf(taken);
  throw new OperationalError({
    code: 'KEEL.HOME_IN_USE',
    message: [
      `a run goes on in ${home.dir}: \`${its}\``,
      `(process ${pid}, since ${since}${epoch === undefined ? '' : `, epoch ${epoch}`}).`,
      `\`keel status\` shows it; Ctrl-C there, or \`kill ${pid}\`, ends it in order.`,
      'For a second one beside it, set EK_HOME to another folder.',
    ].join(' '),
  });
}

/** The run that goes on in a home, if there is one. */
export function runGoingOn(home: Home): RunGoingOn | undefined {
  const holder = holderOf(home.claims, 'run');
  return holder === undefined ? undefined : runOf(holder);
}

function runOf({ process: { pid }, since, about }: Holder): RunGoingOn {
  const { command = '', epoch, pace } = about;
  return {
    pid,
    since,
    command,
    pace: pace === 'real time' ? pace : 'tape',
    ...(epoch === undefined ? {} : { epoch }),
  };
}
