import { decodeCommit, sealCommit, sealWith, splitSignature } from '@evenkeel/contracts';
import { verifyEd25519 } from '@evenkeel/audit';
import { generateKeyPem, signingKeyOf, verifyNatively } from '@evenkeel/signing-keys';
import { subjectOf } from '@evenkeel/eventing';
import type { SealedCommit } from '@evenkeel/eventing';
import { required } from '@evenkeel/kernel';
import {
  FORGERIES,
  SignedEpoch,
  commitOf,
  decisionDraft,
  goldenJournals,
  honestDecision,
  keyNamed,
  readGoldenJournal,
  signerNamed,
} from '@evenkeel/testkit';
import { Authors } from './authors';
import type { AuthorsOptions } from './authors';

const epoch = new SignedEpoch('7');
const AT = '2026-01-01T00:00:00Z';

function authors(options: Partial<AuthorsOptions> = {}): Authors {
  return new Authors({ epoch: '7', verify: verifyNatively, deskKey: epoch.deskKey, ...options });
}

const take = (judge: Authors, sealed: SealedCommit, seq: number, subject?: string): void =>
  judge.take({
    seq,
    commit: decodeCommit(sealed.bytes),
    bytes: sealed.bytes,
    subject: subject ?? subjectOf(sealed.commit.partition, sealed.commit.aggregate),
  });

const headOf = ({ commit, hash }: SealedCommit, seq: number) => ({ version: commit.toVersion, hash, seq });

describe('an epoch that is signed', () => {
  it('takes what its services signed, and says who', () => {
    const judge = authors();
    take(judge, epoch.opening(), 1);
    const decided = honestDecision(epoch);
    take(judge, decided, 2);
    expect(judge.signed).toBe(true);
    expect(judge.signerOf(decided.commit)).toBe('strategy');
  });

  it('takes the first facts of the desk in everybody’s context', () => {
    const judge = authors();
    take(judge, epoch.opening(), 1);
    take(judge, epoch.fact(decisionDraft('b', 'd', AT)), 2);
  });

  it.each(FORGERIES)('refuses $name', ({ code, forge, removed, subject }) => {
    const judge = authors();
    const opening = epoch.opening();
    take(judge, opening, 1);
    if (removed !== undefined) take(judge, epoch.rotation([epoch.removal(removed)], headOf(opening, 1)), 2);
    expect(() => take(judge, forge(epoch), 3, subject)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses every single changed byte', () => {
    const judge = authors();
    take(judge, epoch.opening(), 1);
    const { bytes } = honestDecision(epoch);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => judge.take({ seq: 2, commit: decodeCommit(changed), bytes: changed })).toThrow(
        /AUTHORS|not known|not a commit|incomplete|signature|not signed|not enrolled/,
      );
    }
  });

  it('takes a new key from its place on, and the old one until its removal', () => {
    const judge = authors();
    const opening = epoch.opening();
    take(judge, opening, 1);
    const fresh = required(signingKeyOf(generateKeyPem()), 'a fresh key');
    const events = [epoch.enrolment('strategy', keyNamed('the next')), epoch.removal('strategy')];
    const rotation = epoch.rotation(events, headOf(opening, 1));
    const after = epoch.seal(decisionDraft('b', 'd', AT), 'the next', { producer: 'strategy' });
    expect(() => take(judge, after, 4)).toThrow(expect.objectContaining({ code: 'AUTHORS.UNKNOWN_KEY' }));
    take(judge, rotation, 5);
    take(judge, after, 6);
    // Whatever is read again is judged by its own place.
    take(judge, honestDecision(epoch), 4);
    take(judge, rotation, 5);
    expect(() => take(judge, after, 4)).toThrow(expect.objectContaining({ code: 'AUTHORS.UNKNOWN_KEY' }));
    expect(() => take(judge, honestDecision(epoch), 6)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.REMOVED_KEY' }),
    );
    const twice = epoch.rotation([epoch.enrolment('risk', fresh)], headOf(rotation, 5));
    take(judge, twice, 7);
    const again = epoch.rotation([epoch.enrolment('execution', fresh)], headOf(twice, 7));
    expect(() => take(judge, again, 8)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.ENROLMENT_INVALID' }),
    );
  });

  it('lets nobody but the desk enrol', () => {
    const judge = authors();
    const opening = epoch.opening();
    take(judge, opening, 1);
    const { aggregate, book } = opening.commit;
    const own = {
      ...decisionDraft(book, 'd', AT),
      aggregate,
      events: [epoch.enrolment('risk', keyNamed('x'))],
    };
    const sealed = epoch.seal(own, 'risk', { producer: 'risk', head: headOf(opening, 1) });
    expect(() => take(judge, sealed, 2)).toThrow(expect.objectContaining({ code: 'AUTHORS.WRONG_CONTEXT' }));
  });
});

describe('an epoch that somebody else opened', () => {
  it('is refused under the desk key that the reader knows, and everything in it', () => {
    const judge = authors({ deskKey: keyNamed('another desk').publicKey });
    expect(() => take(judge, epoch.opening(), 1)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.ENROLMENT_INVALID' }),
    );
    expect(() => take(judge, honestDecision(epoch), 2)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.ENROLMENT_INVALID' }),
    );
  });

  it('is refused when the keys it enrols were not signed by the desk', () => {
    const judge = authors();
    const { commit } = epoch.opening();
    const { signature: _dropped, ...unsigned } = commit;
    const forged = sealWith({ signer: signerNamed('risk') })(unsigned);
    expect(() => take(judge, forged, 1)).toThrow(expect.objectContaining({ code: 'AUTHORS.UNKNOWN_KEY' }));
    expect(() => take(judge, honestDecision(epoch), 2)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.ENROLMENT_INVALID' }),
    );
  });
});

describe('an epoch that nobody signed', () => {
  it.each(goldenJournals())('reads as before: %s', (name) => {
    const golden = readGoldenJournal(name);
    const judge = new Authors({ epoch: '1', verify: verifyNatively });
    golden.bytes.forEach((bytes, at) => judge.take({ seq: at + 1, commit: decodeCommit(bytes), bytes }));
    expect(judge.signed).toBe(false);
  });

  it('takes nothing that claims to be signed', () => {
    const judge = authors();
    take(judge, sealCommit(commitOf(decisionDraft('b', 'd', AT))), 1);
    expect(() => take(judge, honestDecision(epoch), 2)).toThrow(
      expect.objectContaining({ code: 'AUTHORS.UNKNOWN_KEY' }),
    );
  });
});

it('is judged alike by the platform and in a browser', () => {
  const { bytes, commit } = honestDecision(epoch);
  const { body } = splitSignature(bytes);
  const value = required(commit.signature, 'a signature').value;
  const key = keyNamed('strategy').publicKey;
  const wrong = Uint8Array.from(value, (byte, at) => (at === 40 ? byte ^ 1 : byte));
  for (const verify of [verifyNatively, verifyEd25519]) {
    expect(verify(key, body, value)).toBe(true);
    expect(verify(key, body, wrong)).toBe(false);
    expect(verify(key, body.subarray(1), value)).toBe(false);
    expect(verify(new Uint8Array(32).fill(255), body, value)).toBe(false);
    expect(verify(key.subarray(1), body, value)).toBe(false);
  }
});
