import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import type { ChangeKind } from './events';

export type StatementVerb = 'propose' | 'approve' | 'reject' | 'withdraw';

/** What a person says when proposing or judging a change: everything that matters, in words they can read. */
export interface Statement {
  readonly verb: StatementVerb;
  readonly kind: ChangeKind;
  readonly scope: string;
  /** SHA-256 of the exact content, hex. */
  readonly contentHash: string;
  readonly proposalId: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The text that is signed: the note text for a key, and what a token's nonce is the hash of. */
export function statementText(statement: Statement): string {
  return [
    `evenkeel ${statement.verb}/v1`,
    `proposal ${statement.proposalId}`,
    `kind ${statement.kind}`,
    `scope ${JSON.stringify(statement.scope)}`,
    `content sha256 ${statement.contentHash}`,
    `by ${JSON.stringify(statement.by)}`,
    `at ${statement.at}`,
    '',
  ].join('\n');
}

/** SHA-256 of a statement's text, hex: the nonce to ask an identity provider for. */
export function statementHash(statement: Statement): string {
  return toHex(sha256(utf8(statementText(statement))));
}

/** True when the text is canonical JSON, so that one content has one hash. */
export function isCanonicalContent(content: string): boolean {
  try {
    return canonicalJson(JSON.parse(content) as Json) === content; // JSON.parse yields JSON
  } catch {
    return false;
  }
}
