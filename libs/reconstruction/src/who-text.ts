import type { Approval } from '@evenkeel/facts';
import type { Reconstruction } from './reconstruction';

/** A parameter of a policy, as one row. */
export type PolicyRow = readonly [name: string, value: string];

/** The parameters of a policy as rows; nested ones under their path. */
export function policyRows(policy: string): readonly PolicyRow[] {
  return Object.entries(policyFields(policy)).filter(([name]) => name !== 'kind');
}

/** The kind of a policy as it was written. */
export function kindOf(policy: string): string {
  return policyFields(policy)['kind'] ?? 'policy';
}

function policyFields(policy: string): Readonly<Record<string, string>> {
  return Object.fromEntries(rowsOf(JSON.parse(policy), ''));
}

function rowsOf(value: unknown, path: string): readonly PolicyRow[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, inner]) =>
    rowsOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

const SHOWN_PARAMETERS = 4;
const HASH_DIGITS = 12;

/** Kind, parameters and version of the policy in a few words. */
export function policyName({ policy, decision }: Reconstruction): string {
  const { policyKind, policyHash } = decision.payload;
  const version = `version ${policyHash.slice(0, HASH_DIGITS)}`;
  if (policy === undefined) return `${policyKind}, ${version}`;
  const rows = policyRows(policy.payload.policy);
  const shown = rows.slice(0, SHOWN_PARAMETERS).map(([name, value]) => `${name} ${value}`);
  const more = rows.length > SHOWN_PARAMETERS ? [`${rows.length - SHOWN_PARAMETERS} more`] : [];
  const parameters = [...shown, ...more].join(', ');
  return `${policyKind}${parameters === '' ? '' : ` (${parameters})`}, ${version}, in force since ${policy.payload.at}`;
}

/** Who is behind the policy: two people, or one at boot. */
export function whoText({ policy, approval, approvalTimes }: Reconstruction): string {
  if (policy === undefined) return 'not in the record: who set it is unknown';
  const agreed = policy.payload.approval;
  if (agreed === undefined) return setAloneText(policy.commit.actor);
  const { proposedAt, approvedAt, reason } = approvalTimes ?? {};
  const why = reason === undefined || reason === '' ? '' : `, reason “${reason}”`;
  return `${agreementText(agreed, { proposedAt, approvedAt })}${why}; ${standingText(approval)}`;
}

/** What one person set: when the epoch or the book was opened. `actor`: `human:ada`. */
export function setAloneText(actor: string): string {
  return `set without a second person, by ${actor.replace(/^human:/, '')}`;
}

export function agreementText(
  { proposedBy, approvedBy }: Approval,
  when: { readonly proposedAt?: string | undefined; readonly approvedAt?: string | undefined } = {},
): string {
  const at = (time: string | undefined): string => (time === undefined ? '' : ` at ${time}`);
  return `proposed by ${proposedBy}${at(when.proposedAt)}, approved by ${approvedBy}${at(when.approvedAt)}`;
}

/** Whether the signatures of both people were found to hold. */
export function standingText(standing = 'not looked at'): string {
  return standing === 'verified' ? 'both signatures verified' : `NOT VERIFIED (${standing})`;
}
