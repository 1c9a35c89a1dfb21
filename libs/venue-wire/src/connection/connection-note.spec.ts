import { connectionNote } from './connection-note';

describe('a connection fact on the journal', () => {
  it('says what happened in words, and nothing of what nobody would look for', () => {
    expect(
      connectionNote({ fact: 'disconnected', at: 0n, code: 1006, reason: '', retryInNs: 5n }),
    ).toMatchObject({ what: 'disconnected', detail: 'code 1006' });
    expect(connectionNote({ fact: 'subscribed', at: 0n })).toBeUndefined();
    expect(
      connectionNote({ fact: 'clock-offset', at: 0n, offsetNs: -1_270_000_000n, errorNs: 2_000_000n }),
    ).toMatchObject({ what: 'clock-offset', offsetNs: '-1270000000', errorNs: '2000000' });
  });
});
