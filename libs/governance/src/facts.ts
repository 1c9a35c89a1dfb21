import type { DomainEvent, EnrolledIdentity, StatementEvidence } from '@evenkeel/facts';
import { assertNever } from '@evenkeel/kernel';
import type {
  ChangeApproved,
  ChangeClosed,
  ChangeProposed,
  Enrolment,
  Evidence,
  GovernanceEvent,
  Role,
} from './events';
import { levelIn } from './required';

/** A governance event as the journal has it. */
export function toFact(event: GovernanceEvent): DomainEvent {
  switch (event.type) {
    case 'GovernanceOpened': {
      const { type, enrolments, ...rest } = event;
      return { type, payload: { ...rest, enrolments: enrolments.map((one) => ({ ...one })) } };
    }
    case 'ChangeProposed':
      return { type: event.type, payload: payloadOf(event) };
    case 'ChangeApproved':
      return { type: event.type, payload: payloadOf(event) };
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

/** What a statement says, without its name. */
export function payloadOf<Said extends ChangeProposed | ChangeApproved>({
  type: _,
  evidence,
  ...rest
}: Said): Omit<Said, 'type' | 'evidence'> & { readonly evidence: StatementEvidence } {
  return { ...rest, evidence: { ...evidence } };
}

/** A fact of the journal as governance folds it; `undefined` for what is not of governance. */
export function fromFact(event: DomainEvent): GovernanceEvent | undefined {
  switch (event.type) {
    case 'GovernanceOpened': {
      const { enrolments, required, ...rest } = event.payload;
      return {
        type: event.type,
        ...rest,
        enrolments: enrolments.map(enrolmentOf),
        // A word that this build does not know asks for all there is.
        ...(required === undefined ? {} : { required: levelIn(required) }),
      };
    }
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
