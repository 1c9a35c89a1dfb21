import type { Commit } from '@evenkeel/eventing';
import { SignedEpoch, commitOf, keyNamed } from '@evenkeel/testkit';
import { commitKeys, enrolKey, removeKey } from './commit-keys';
import type { DeskJournal, PersonsFact } from './ports';

const AT = '2026-01-01T00:00:00Z';

/** The people's part of a signed epoch. */
class Journal implements DeskJournal {
  readonly commits: Commit[] = [new SignedEpoch('1').opening().commit];

  peoplesCommits(): Promise<readonly Commit[]> {
    return Promise.resolve(this.commits);
  }
  bookCommits(): Promise<readonly Commit[]> {
    return Promise.resolve([]);
  }
  books(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  silentServices(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  record({ aggregate, book, by, events }: PersonsFact): Promise<void> {
    const actor = { kind: 'human', id: by } as const;
    this.commits.push(commitOf({ aggregate, book, eventTime: AT, actor, events }));
    return Promise.resolve();
  }
}

const change = (service: string, key = keyNamed('the next')) => ({
  service,
  publicKey: key.publicKey,
  by: 'ann',
  at: AT,
});

describe('the keys of the running epoch', () => {
  it('are those that it was opened with, and what was enrolled and removed since', async () => {
    const journal = new Journal();
    expect((await commitKeys(journal)).map(({ service }) => service)).toEqual([
      'keel',
      'price-ingest',
      'risk',
      'strategy',
      'execution',
    ]);
    expect(await enrolKey(journal, change('strategy'))).toBe(true);
    // A command that was broken off is given again.
    expect(await enrolKey(journal, change('strategy'))).toBe(false);
    await removeKey(journal, change('strategy', keyNamed('strategy')), 'laptop lost');
    const keys = (await commitKeys(journal)).filter(({ service }) => service === 'strategy');
    expect(keys.map(({ removedAt }) => removedAt !== undefined)).toEqual([true, false]);
    await expect(enrolKey(journal, change('strategy', keyNamed('strategy')))).rejects.toThrow(/was removed/);
    expect(journal.commits).toHaveLength(3);
  });

  it.each([
    ['an unknown service', change('ledger'), /none whose key changes/],
    ['the desk itself', change('keel'), /none whose key changes/],
  ])('take none for %s', async (_, asked, why) => {
    await expect(enrolKey(new Journal(), asked)).rejects.toThrow(why);
  });

  it.each([
    ['a key that the service does not have', change('strategy'), 'x', /is no key of strategy/],
    ['a key of another service', change('strategy', keyNamed('risk')), 'x', /is no key of strategy/],
    ['the desk’s own', change('keel', keyNamed('keel')), 'x', /next epoch/],
    ['any without a reason', change('strategy', keyNamed('strategy')), '', /--reason: is needed/],
  ])('lose not %s', async (_, asked, reason, why) => {
    const journal = new Journal();
    await expect(removeKey(journal, asked, reason)).rejects.toThrow(why);
    expect(journal.commits).toHaveLength(1);
  });
});
