import { MemorySnapshotStore, describeSnapshotStore } from '@evenkeel/testkit';
import { snapshotNamed, snapshotText } from './snapshot-store';

describeSnapshotStore('Memory', () => Promise.resolve(new MemorySnapshotStore()));

it('reads the text of a name back, and nothing else', () => {
  const name = { service: 'risk', partition: '03', codeHash: '0a', epoch: '7', seq: 12 };
  expect(snapshotNamed(snapshotText(name))).toEqual(name);
  expect(snapshotNamed('risk/03/0a/7/12/1')).toBeUndefined();
  expect(snapshotNamed('risk/03/xyz/7/12')).toBeUndefined();
});
