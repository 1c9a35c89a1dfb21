import { assertNever } from '@evenkeel/kernel';
import type { Stop, StopEnd } from './reconstruction';

/** Who stopped what, when and why, and how it ended. */
export function stopText(stop: Stop): string {
  const { by, reason, at, commit, ended } = stop;
  const person = by === undefined ? '' : ` by ${by}`;
  const begun = `${subjectText(stop)}${person} at ${at}, reason “${reason}” (sequence ${commit.seq})`;
  return `${begun}; ${ended === undefined ? notEnded(stop) : endedText(stop, ended)}`;
}

function subjectText({ kind, subject }: Stop): string {
  switch (kind) {
    case 'kill':
      return `kill of ${subject === 'firm' ? 'everything (firm)' : subject}, engaged`;
    case 'restriction':
      return `${subject} restricted`;
    case 'venue':
      return `venue ${subject} halted`;
    case 'throttle':
      return `${subject} throttled`;
    case 'price':
      return `price of ${subject} halted`;
    default:
      return assertNever(kind, 'what stands in the way');
  }
}

const ENDS: Readonly<Record<Stop['kind'], string>> = {
  kill: 'released',
  restriction: 'lifted',
  venue: 'resumed',
  throttle: 'reset',
  price: 'restored',
};

function notEnded({ kind }: Stop): string {
  return `not ${ENDS[kind]} as far as this record goes`;
}

function endedText({ kind }: Stop, { by, reason, at, approval, standing, commit }: StopEnd): string {
  const person = by === undefined ? '' : ` by ${by}`;
  const agreed =
    approval === undefined
      ? ''
      : `, proposed by ${approval.proposedBy} and approved by ${approval.approvedBy} (${standing === 'verified' ? 'verified' : `NOT VERIFIED: ${standing ?? 'not looked at'}`})`;
  return `${ENDS[kind]}${person} at ${at}, reason “${reason}”${agreed} (sequence ${commit.seq})`;
}
