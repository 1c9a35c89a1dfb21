import { toHex } from '@evenkeel/kernel';
import type { VerifierKey } from './verifier-key';

/** A rule over who cosigned: one witness, or at least `threshold` of some members, nested as deep as one likes. */
export type QuorumRule =
  | { readonly kind: 'witness'; readonly key: VerifierKey }
  | {
      readonly kind: 'group';
      readonly name: string;
      readonly threshold: number;
      readonly members: readonly QuorumRule[];
    };

/** How many known witnesses must have cosigned, or which. */
export type WitnessQuorum = number | QuorumRule;

/**
 * Whether the keys that cosigned are enough. A cosignature does not commit to the witness's name, so witnesses are
 * counted by public key: one key under two names is one witness.
 */
export function quorumMet(quorum: WitnessQuorum, cosigners: readonly VerifierKey[]): boolean {
  const present = new Set(cosigners.map((key) => toHex(key.publicKey)));
  return typeof quorum === 'number' ? present.size >= quorum : ruleMet(quorum, present);
}

function ruleMet(rule: QuorumRule, present: ReadonlySet<string>): boolean {
  if (rule.kind === 'witness') return present.has(toHex(rule.key.publicKey));
  return rule.members.filter((member) => ruleMet(member, present)).length >= rule.threshold;
}

/** The quorum in words. */
export function describeQuorum(quorum: WitnessQuorum): string {
  if (typeof quorum === 'number') return `${quorum} of the known witnesses`;
  if (quorum.kind === 'witness') return quorum.key.name;
  return `${quorum.threshold} of (${quorum.members.map(describeQuorum).join(', ')})`;
}
