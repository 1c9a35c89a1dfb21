import { MerkleFrontier, keyringOf, leafHashOf, parseVerifierKey, verifyCheckpoint } from '@evenkeel/audit';
import { goldenJournals, readGoldenJournal } from '@evenkeel/testkit';
import { createSha256, sameBytes, sha256, toHex } from '@evenkeel/kernel';
import { decodeCommit, encodeCommit } from './commit-codec';
import { DecisionDigest } from './digest';

describe.each(goldenJournals())('the golden journal %s', (name) => {
  const golden = readGoldenJournal(name);
  const commits = golden.bytes.map(decodeCommit);

  it('is the file that was released', () => {
    const whole = createSha256();
    for (const bytes of golden.bytes) whole.update(bytes);
    expect(toHex(whole.digest())).toBe(golden.sha256);
    expect(golden.bytes).toHaveLength(golden.commits);
  });

  it('is read whole: every event, and the decision digest of its day', () => {
    const types: Record<string, number> = {};
    const digest = new DecisionDigest();
    for (const commit of commits) {
      expect(commit.schemaVersion).toBe(golden.schemaVersion);
      for (const { event } of commit.events) {
        types[event.type] = (types[event.type] ?? 0) + 1;
        digest.add(commit.book, event);
      }
    }
    expect(types).toEqual(golden.types);
    expect(digest.finish()).toBe(golden.decisionDigest);
  });

  it('comes out byte for byte when it is written again, so that nothing it says is lost on this build', () => {
    const different = commits.filter(
      (commit, at) => !sameBytes(encodeCommit(commit), golden.bytes[at] ?? new Uint8Array(0)),
    );
    expect(different).toEqual([]);
  });

  it('has unbroken chains: each commit names the hash of its aggregate’s last', () => {
    const heads = new Map<string, { version: number; hash: Uint8Array }>();
    commits.forEach((commit, at) => {
      const { context, type, id } = commit.aggregate;
      const head = heads.get(`${context}/${type}/${id}`);
      expect(commit.fromVersion).toBe((head?.version ?? 0) + 1);
      expect(toHex(commit.prevHash)).toBe(toHex(head?.hash ?? new Uint8Array(0)));
      heads.set(`${context}/${type}/${id}`, {
        version: commit.toVersion,
        hash: sha256(golden.bytes[at] ?? new Uint8Array(0)),
      });
    });
  });
});

describe('the golden journal of the services at 2dd81a0', () => {
  const golden = readGoldenJournal('2dd81a0');
  const { tree, checkpoint } = golden;

  it('has the tree that its ledger recorded and signed', () => {
    const frontier = new MerkleFrontier();
    golden.bytes.forEach((bytes, at) => {
      frontier.append(leafHashOf({ epoch: '1', seq: at + 1, commitHash: toHex(sha256(bytes)) }));
    });
    expect({ size: frontier.size, root: toHex(frontier.root()) }).toEqual(tree);
    const keys = (checkpoint?.keys ?? []).flatMap((text) => parseVerifierKey(text) ?? []);
    const log = keyringOf(checkpoint?.origin ?? '', keys);
    const verified = verifyCheckpoint(checkpoint?.note ?? '', { log, witnesses: [], witnessQuorum: 0 });
    expect(verified).toMatchObject({ ok: true, value: { checkpoint: { size: golden.commits } } });
    if (verified.ok) expect(toHex(verified.value.checkpoint.root)).toBe(tree?.root);
  });

  it('is rich: fills, a kill and its release, an expiry, people who decide', () => {
    for (const type of ['OrderFilled', 'KillEngaged', 'KillReleased', 'OptionSettled', 'ChangeApproved'])
      expect(golden.types[type]).toBeGreaterThan(0);
  });
});
