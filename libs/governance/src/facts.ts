import type { DomainEvent, EnrolledIdentity, StatementEvidence } from '@evenkeel/facts';
import { assertNever } from '@evenkeel/kernel';
import type { ChangeClosed, Enrolment, Evidence, GovernanceEvent, Role } from './events';

/** A governance event as the journal has it. */
export function toFact(event: GovernanceEvent): DomainEvent {
  switch (event.type) {
    case 'GovernanceOpened':
      return {
        type: 'GovernanceOpened',
        payload: { at: event.at, enrolments: event.enrolments.map((one) => ({ ...one })) },
      };
    case 'ChangeProposed': {
      const { type, evidence, ...rest } = event;
      return { type, payload: { ...rest, evidence: { ...evidence } } };
    }
    case 'ChangeApproved': {
      const { type, evidence, ...rest } = event;
      return { type, payload: { ...rest, evidence: { ...evidence } } };
    }
    case 'ChangeRejected':
    case 'ChangeWithdrawn': {
      const { type, ...rest } = event;
      return { type, payload: rest };
    }
    case 'ChangeExpired': {
      const { type, ...rest } = event;
      return { type, payload: rest };
    }
    case 'ChangeApplied': {
      const { type, ...rest } = event;
      return { type, payload: rest };
    }
    default:
      return assertNever(event, 'a governance event');
  }
}

/** A fact of the journal as governance folds it; `undefined` for what is not of governance. */
export function fromFact(event: DomainEvent): GovernanceEvent | undefined {
  switch (event.type) {
    case 'GovernanceOpened':
      return {
        type: event.type,
        at: event.payload.at,
        enrolments: event.payload.enrolments.map(enrolmentOf),
      };
    case 'ChangeProposed':
      return { type: event.type, ...event.payload, evidence: evidenceOf(event.payload.evidence) };
    case 'ChangeApproved':
      return { type: event.type, ...event.payload, evidence: evidenceOf(event.payload.evidence) };
    case 'ChangeRejected':
    case 'ChangeWithdrawn':
      return { type: event.type, ...event.payload } satisfies ChangeClosed;
    case 'ChangeExpired':
      return { type: event.type, ...event.payload };
    case 'ChangeApplied':
      return { type: event.type, ...event.payload };
    default:
      return undefined;
  }
}

function enrolmentOf({ identity, roles, credentials }: EnrolledIdentity): Enrolment {
  // Roles this build does not know permit nothing.
  return { identity, roles: roles as readonly Role[], credentials };
}

function evidenceOf(evidence: StatementEvidence): Evidence {
  if (evidence.method === 'token') {
    const { issuer = '', subject = '', statementHash = '', token = '' } = evidence;
    return { method: 'token', issuer, subject, statementHash, token };
  }
  return { method: 'note', note: evidence.note ?? '' };
}
