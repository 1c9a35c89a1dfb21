import type { Credential, Enrolment, Role } from './events';

const ROLES: ReadonlySet<string> = new Set<Role>([
  'viewer',
  'trader',
  'risk-officer',
  'auditor',
  'administrator',
]);

/** The enrolments in the content of a `roles` change; `undefined` unless it is exactly a list of them. */
export function enrolmentsOf(content: string): readonly Enrolment[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const enrolments = value.map(readEnrolment);
  const sound = enrolments.filter((one) => one !== undefined);
  const names = new Set(sound.map((one) => one.identity));
  return sound.length === value.length && names.size === value.length ? sound : undefined;
}

function readEnrolment(value: unknown): Enrolment | undefined {
  if (!isObject(value)) return undefined;
  const { identity, roles, credentials, ...others } = value;
  if (typeof identity !== 'string' || identity === '' || Object.keys(others).length > 0) return undefined;
  if (!Array.isArray(roles) || !roles.every(isRole) || !Array.isArray(credentials)) return undefined;
  const read = credentials.map(readCredential).filter((one) => one !== undefined);
  return read.length === credentials.length ? { identity, roles, credentials: read } : undefined;
}

function isRole(value: unknown): value is Role {
  return typeof value === 'string' && ROLES.has(value);
}

function readCredential(value: unknown): Credential | undefined {
  if (!isObject(value)) return undefined;
  const { key, issuer, subject, jwk, audience, ...others } = value;
  if (Object.keys(others).length > 0) return undefined;
  if (typeof jwk === 'string' && typeof audience === 'string')
    return key === undefined && issuer === undefined && subject === undefined ? { jwk, audience } : undefined;
  if (jwk !== undefined || audience !== undefined) return undefined;
  if (typeof key === 'string' && issuer === undefined && subject === undefined) return { key };
  if (key === undefined && typeof issuer === 'string' && typeof subject === 'string')
    return { issuer, subject };
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
