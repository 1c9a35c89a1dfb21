import { verifyEd25519 } from '@evenkeel/audit';
import type { BundleCommit, FindingList } from '@evenkeel/audit';
import { decodeCommit } from '@evenkeel/contracts';
import { AuthorFault, Authors, isAboutKeys } from '@evenkeel/engine';
import type { Commit } from '@evenkeel/eventing';
import { toHex } from '@evenkeel/kernel';

interface Placed extends BundleCommit {
  readonly commit: Commit;
}

/**
 * Says who signed the commits of a bundle, by the keys that it holds itself. `deskKeys`: hex, as a stranger has them from
 * elsewhere.
 */
export function checkAuthors(
  commits: readonly BundleCommit[],
  deskKeys: readonly string[],
  findings: FindingList,
): void {
  const epochs = new Map<string, Placed[]>();
  for (const one of commits)
    epochs.set(one.epoch, [...(epochs.get(one.epoch) ?? []), { ...one, commit: decodeCommit(one.bytes) }]);
  for (const [epoch, placed] of epochs) checkEpoch(epoch, placed, deskKeys, findings);
}

function checkEpoch(
  epoch: string,
  placed: readonly Placed[],
  deskKeys: readonly string[],
  findings: FindingList,
): void {
  const [first] = placed;
  if (placed.every(({ commit }) => commit.signature === undefined) && first?.seq !== 1) {
    findings.notEstablished(
      'AUTHORS.UNSIGNED_EPOCH',
      `Who wrote the commits of epoch ${epoch}: they are not signed.`,
    );
    return;
  }
  if (first === undefined || first.seq !== 1 || !isAboutKeys(first.commit)) {
    const why =
      first?.commit.signature === undefined ? 'they are not signed' : 'its keys are not in this file';
    findings.notEstablished('AUTHORS.UNSIGNED_EPOCH', `Who wrote the commits of epoch ${epoch}: ${why}.`);
    return;
  }
  const authors = new Authors({ epoch, verify: verifyEd25519 });
  const signers = new Set<string>();
  let sound = true;
  for (const one of placed) {
    try {
      authors.take(one);
      signers.add(authors.signerOf(one.commit) ?? '');
    } catch (error) {
      if (!(error instanceof AuthorFault)) throw error;
      sound = false;
      findings.broken(error.code, error.message.replace(/^commit \d+ /, ''), one);
    }
  }
  const desk = authors.deskKey === undefined ? '' : toHex(authors.deskKey);
  if (desk !== '' && deskKeys.length > 0 && !deskKeys.includes(desk))
    findings.broken('AUTHORS.ENROLMENT_INVALID', `the desk key ${desk} is none of those given`, first);
  else if (sound) {
    const names = [...signers].sort().join(', ');
    findings.established(
      'AUTHORS.SIGNED',
      `All ${placed.length} commits of epoch ${epoch} are signed, each by a service that may speak there (${names}), with keys that desk key ${desk} enrolled.`,
    );
    if (deskKeys.length === 0)
      findings.notEstablished('AUTHORS.DESK_UNKNOWN', `Whether ${desk} is the desk’s key: none was given.`);
    findings.notEstablished(
      'AUTHORS.REMOVALS_ELSEWHERE',
      'Whether the desk had removed one of these keys by a commit that is not in this file.',
    );
  }
}
