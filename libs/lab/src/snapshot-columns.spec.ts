import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodePayload, encodePayload } from '@evenkeel/contracts';
import type { EventPayloads } from '@evenkeel/facts';
import type { Json } from '@evenkeel/kernel';
import { takenListsOf } from '@evenkeel/risk';
import { busyDemonstration } from '@evenkeel/testkit';
import { runInProcess } from './in-process-run';
import type { LabRunOptions } from './in-process-run';

const { tape, book } = busyDemonstration('columns', 1);
const policies = resolve(__dirname, '..', 'policies', 'btc-eth-desk');

type Snapshot = EventPayloads['RiskSnapshotTaken'];

/** As the core said them; what the journal gives back is read from bytes. */
function snapshotsOf(options: LabRunOptions): Snapshot[] {
  const snapshots: Snapshot[] = [];
  runInProcess({
    ...options,
    onCommit: ({ commit }) => {
      for (const { event } of commit.events)
        if (event.type === 'RiskSnapshotTaken') snapshots.push(event.payload);
    },
  });
  return snapshots;
}

const hex = (payload: Snapshot): string =>
  Buffer.from(encodePayload({ type: 'RiskSnapshotTaken', payload })).toString('hex');

describe('a snapshot that was taken in this process', () => {
  it.each(['delta-band-edge-0.5.json', 'multi-greek.json'])(
    'is written from its columns as from its legs and marks written out, and read as it was, under %s',
    (name) => {
      const policy = JSON.parse(readFileSync(join(policies, name), 'utf8')) as Json; // a policy file
      const snapshots = snapshotsOf({ tape, books: [{ file: book, source: 'busy', policy }] });
      expect(snapshots.length).toBeGreaterThan(50);
      expect(snapshots.some(({ legs }) => legs.length > 3)).toBe(true);
      for (const taken of snapshots) {
        const written: Snapshot = { ...taken };
        expect(takenListsOf(taken)).toBeDefined();
        expect(takenListsOf(written)).toBeUndefined();
        const bytes = hex(taken);
        expect(hex(written)).toBe(bytes);
        const { payload } = decodePayload('RiskSnapshotTaken', 2, Buffer.from(bytes, 'hex'));
        expect(payload).toEqual(written);
      }
    },
  );
});
