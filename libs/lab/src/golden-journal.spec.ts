import { decodeCommit } from '@evenkeel/contracts';
import { sha256 } from '@evenkeel/kernel';
import { goldenJournals, readGoldenJournal } from '@evenkeel/testkit';
import { reexecuteJournal, runAgainIn } from '@evenkeel/engine';

describe.each(goldenJournals())('the golden journal %s', (name) => {
  it('is decided again by this build to the last byte', () => {
    const golden = readGoldenJournal(name);
    const commits = golden.bytes.map((bytes, at) => ({
      seq: at + 1,
      bytes,
      hash: sha256(bytes),
      commit: decodeCommit(bytes),
    }));
    const { counts, divergences } = reexecuteJournal(commits);
    const { decisions } = runAgainIn(counts);
    expect(divergences).toEqual([]);
    expect(decisions).toBe((golden.types['HedgeDecided'] ?? 0) + (golden.types['HedgeDeclined'] ?? 0));
  });
});
