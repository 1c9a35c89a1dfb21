import type { ChangeKind, Enrolment, Role } from './events';

/** Who may propose and who may approve. Administrators govern identities and nothing that trades. */
const PROPOSERS: Readonly<Record<ChangeKind, readonly Role[]>> = {
  policy: ['trader', 'risk-officer'],
  limits: ['risk-officer'],
  book: ['trader', 'risk-officer'],
  override: ['trader', 'risk-officer'],
  'kill-release': ['trader', 'risk-officer'],
  roles: ['administrator'],
  epoch: ['trader', 'risk-officer'],
  quarantine: ['trader', 'risk-officer'],
};

const APPROVERS: Readonly<Record<ChangeKind, readonly Role[]>> = {
  policy: ['risk-officer'],
  limits: ['risk-officer'],
  book: ['risk-officer'],
  override: ['risk-officer'],
  'kill-release': ['risk-officer'],
  roles: ['administrator'],
  epoch: ['risk-officer'],
  quarantine: ['risk-officer'],
};

export function mayPropose(enrolment: Enrolment, kind: ChangeKind): boolean {
  return enrolment.roles.some((role) => PROPOSERS[kind].includes(role));
}

export function mayApprove(enrolment: Enrolment, kind: ChangeKind): boolean {
  return enrolment.roles.some((role) => APPROVERS[kind].includes(role));
}

/** Everyone enrolled may look; auditors and viewers may do nothing else. */
export function mayRead(enrolment: Enrolment): boolean {
  return enrolment.roles.length > 0;
}

/** Stopping needs one pair of eyes: anyone who trades or judges risk may engage a kill. */
export function mayEngageKill(enrolment: Enrolment): boolean {
  return enrolment.roles.some((role) => role === 'trader' || role === 'risk-officer');
}
