import { snapshotsToPrune } from '@evenkeel/eventing';
import type { SnapshotName, SnapshotStore } from '@evenkeel/eventing';

const scope = { service: 'risk', partition: '03', codeHash: 'ab12', epoch: '1' };
const of = (seq: number, rest: Partial<SnapshotName> = {}): SnapshotName => ({ ...scope, seq, ...rest });
const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);

/** What every store of snapshots must do, run against memory and against the object store alike. */
export function describeSnapshotStore(name: string, create: () => Promise<SnapshotStore>): void {
  describe(`${name} keeps the contract of a snapshot store`, () => {
    let store: SnapshotStore;
    beforeAll(async () => {
      store = await create();
    });

    it('gives back what was put, of any size, and nothing for what was not', async () => {
      for (const length of [1, 131_072, 1_000_003]) {
        await store.put(of(length), bytesOf(length, length));
        expect(
          Buffer.compare((await store.get(of(length))) ?? Buffer.alloc(0), bytesOf(length, length)),
        ).toBe(0);
      }
      expect(await store.get(of(77))).toBeUndefined();
    });

    it('replaces what a name named', async () => {
      await store.put(of(5), bytesOf(10, 1));
      await store.put(of(5), bytesOf(20, 2));
      expect([...((await store.get(of(5))) ?? [])]).toEqual([...bytesOf(20, 2)]);
    });

    it('lists a partition alone, newest epoch and sequence first, and nothing that was removed', async () => {
      const names = [
        of(9),
        of(100),
        of(20),
        of(3, { epoch: '10' }),
        of(4, { epoch: '2', codeHash: 'cd34' }),
      ].map((each) => ({ ...each, service: 'strategy' }));
      for (const each of names) await store.put(each, bytesOf(3, each.seq));
      await store.put(of(1_000, { service: 'strategy', partition: '04' }), bytesOf(3, 0));
      await store.remove(of(20, { service: 'strategy' }));
      await store.remove(of(21, { service: 'strategy' }));
      expect((await store.list('strategy', '03')).map(({ epoch, seq }) => `${epoch}/${seq}`)).toEqual([
        '10/3',
        '2/4',
        '1/100',
        '1/9',
      ]);
      expect(await store.get(of(20, { service: 'strategy' }))).toBeUndefined();
    });

    it('forgets what is pruned: older ones, older epochs, older builds', async () => {
      const names = [
        of(50),
        of(40),
        of(30),
        of(45, { codeHash: 'b1' }),
        of(35, { codeHash: 'b1' }),
        of(25, { codeHash: 'b2' }),
        of(24, { codeHash: 'b3' }),
        of(90, { epoch: '0' }),
      ].map((each) => ({ ...each, service: 'execution' }));
      for (const each of names) await store.put(each, bytesOf(2, each.seq));
      const mine = { ...scope, service: 'execution' };
      for (const each of snapshotsToPrune(await store.list('execution', '03'), mine))
        await store.remove(each);
      expect((await store.list('execution', '03')).map(({ codeHash, seq }) => `${codeHash}/${seq}`)).toEqual([
        'ab12/50',
        'b1/45',
        'ab12/40',
        'b2/25',
      ]);
    });
  });
}
