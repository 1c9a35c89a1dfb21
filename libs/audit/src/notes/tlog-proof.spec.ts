import { createRandom, required, toHex, utf8 } from '@evenkeel/kernel';
import { textOf } from '../encoding/utf8-text';
import {
  FIXTURE_TRUST,
  FIXTURE_ORIGIN,
  buildFixtureBundle,
  fixtureKey,
} from '../testing/bundle.test-support';
import { leafHashOf } from '../merkle/leaf';
import { keyringOf } from './keyring';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof';
import { SIGNATURE_TYPE } from './verifier-key';

/** The fixture's checkpoints are signed by the log's second key. */
const trust = {
  log: keyringOf(FIXTURE_ORIGIN, [fixtureKey(`${FIXTURE_ORIGIN}#2`, SIGNATURE_TYPE.ed25519).key]),
  witnesses: FIXTURE_TRUST.witnesses,
  witnessQuorum: 1,
};

describe('a tlog-proof file', () => {
  it('proves one commit with nothing but a checkpoint, and fails with any byte changed', async () => {
    const { contents } = await buildFixtureBundle('tlog-proof', 25);
    const random = createRandom('tlog-proof');
    for (const commit of contents.commits.slice(0, 5)) {
      const { index, epoch, seq } = commit;
      const leafHash = leafHashOf({ epoch, seq, commitHash: toHex(commit.hash) });
      const text = formatTlogProof({
        index,
        proof: contents.proofOf(index),
        checkpoint: contents.checkpoint,
      });
      expect(verifyTlogProof(text, leafHash, trust)).toMatchObject({
        ok: true,
        value: { checkpoint: { size: 25 } },
      });
      const parsed = parseTlogProof(text);
      expect(parsed.ok && formatTlogProof(parsed.value)).toBe(text);
      expect(
        verifyTlogProof(
          text,
          leafHash.map((byte) => byte ^ 1),
          trust,
        ),
      ).toMatchObject({
        failure: { code: 'AUDIT.INCLUSION_INVALID' },
      });
      const bytes = utf8(text);
      for (let round = 0; round < 60; round += 1) {
        const at = random.integer(bytes.length);
        const altered = textOf(bytes.map((byte, p) => (p === at ? byte ^ (1 << random.integer(8)) : byte)));
        if (altered !== undefined) expect(verifyTlogProof(altered, leafHash, trust).ok).toBe(false);
      }
    }
  });

  it('carries opaque extra data', async () => {
    const { contents } = await buildFixtureBundle('tlog-proof', 25);
    const text = formatTlogProof({
      index: 0,
      proof: [],
      checkpoint: contents.checkpoint,
      extra: utf8('aside'),
    });
    const parsed = parseTlogProof(text);
    expect(parsed.ok && textOf(required(parsed.value.extra, 'extra'))).toBe('aside');
  });

  it.each([
    '',
    'c2sp.org/tlog-proof@v2\nindex 0\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 01\n\nx',
    'c2sp.org/tlog-proof@v1\n\nx',
    'c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 0',
  ])('is refused when malformed: %j', (text) =>
    expect(parseTlogProof(text)).toMatchObject({ ok: false, failure: { code: 'AUDIT.PROOF_MALFORMED' } }),
  );
});
