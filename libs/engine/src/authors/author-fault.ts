import { IntegrityFault } from '@evenkeel/kernel';

/** What can be wrong with who wrote a commit, or about what. Documented in docs/errors.md. */
export type AuthorFaultCode =
  | 'AUTHORS.UNSIGNED_EPOCH'
  | 'AUTHORS.ENROLMENT_INVALID'
  | 'AUTHORS.UNSIGNED'
  | 'AUTHORS.UNKNOWN_KEY'
  | 'AUTHORS.REMOVED_KEY'
  | 'AUTHORS.BAD_SIGNATURE'
  | 'AUTHORS.WRONG_EPOCH'
  | 'AUTHORS.WRONG_SERVICE'
  | 'AUTHORS.WRONG_CONTEXT'
  | 'AUTHORS.WRONG_SUBJECT'
  | 'AUTHORS.WRONG_PARTITION'
  | 'AUTHORS.STRANGER'
  | 'AUTHORS.NO_FENCE';

/** A commit that counts for nothing, whoever put it on the journal. */
export class AuthorFault extends IntegrityFault {
  override readonly code: AuthorFaultCode;

  constructor(code: AuthorFaultCode, message: string) {
    super({ code, message });
    this.code = code;
  }
}
