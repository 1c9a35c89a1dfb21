import { UnreadableCommit, storedOf } from '@evenkeel/adapter-nats';
import { decodeWhole, tryDecodeCommit } from '@evenkeel/contracts';
import { EvenkeelError } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { demonstrationMarket } from '@evenkeel/market';

/** The bytes of a snapshot with one byte changed, as far as they still are a commit. */
function damaged(): Uint8Array[] {
  const { tape, book } = demonstrationMarket('damaged', 1);
  const run = runInProcess({ tape, books: [{ file: book, source: 'demonstration' }] });
  const taken = run.journal.all.find(({ commit }) =>
    commit.events.some(({ event }) => event.type === 'RiskSnapshotTaken' && event.payload.legs.length > 2),
  );
  if (taken === undefined) throw new Error('the demonstration takes snapshots');
  return Array.from(taken.bytes, (byte, place) => {
    const bytes = Uint8Array.from(taken.bytes);
    bytes[place] = byte ^ 1;
    return bytes;
  }).filter((bytes) => tryDecodeCommit(bytes) !== undefined);
}

function refusalOf(read: () => unknown): unknown {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableCommit || error instanceof EvenkeelError) return error.code;
    return 'other';
  }
}

describe('a snapshot that does not give its numbers', () => {
  it('is refused by every service that takes it from the journal, as by the ledger', () => {
    const all = damaged();
    const whole = all.map((bytes) => refusalOf(() => decodeWhole(bytes)));
    const taken = all.map((data) => refusalOf(() => storedOf({ seq: 12, subject: 'any', data }, undefined)));
    expect(whole.filter((code) => code === 'CONTRACTS.SNAPSHOT_DIFFERS').length).toBeGreaterThan(10);
    expect(taken).toEqual(whole.map((code) => (code === 'other' ? 'BUG.UNEXPECTED' : code)));
  });
});
