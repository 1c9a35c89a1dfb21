import { IntegrityFault } from '@evenkeel/kernel';

/** What a newer build wrote. Not damage: readers are upgraded before writers. */
export function unknownVersion(what: string): IntegrityFault {
  return new IntegrityFault({
    code: 'CONTRACTS.UNKNOWN_VERSION',
    message: `${what} is not known to this build: upgrade this service first, then those that write`,
  });
}
