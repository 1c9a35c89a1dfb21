import { isHopeless, oneMoreDeath } from './supervisor';

const after = (reasons: readonly (string | undefined)[]): boolean => {
  let deaths: Parameters<typeof oneMoreDeath>[0];
  for (const reason of reasons) deaths = oneMoreDeath(deaths, reason);
  return deaths !== undefined && isHopeless(deaths);
};

const times = (count: number, reason: string | undefined): (string | undefined)[] =>
  Array.from({ length: count }, () => reason);

describe('a service that ends soon after its start', () => {
  it.each([
    'listen EADDRINUSE: address already in use 127.0.0.1:14222 (EADDRINUSE); EK_LOG_LEVEL=debug says where',
    'NATS.SERVER_DIFFERS: the server takes messages up to 64 KiB',
    'POSTGRES.LOGIN_REFUSED: the password is wrong',
  ])('is given up when it says the third time what only a person can change: %s', (reason) => {
    expect(after(times(2, reason))).toBe(false);
    expect(after(times(3, reason))).toBe(true);
    expect(after([reason, 'NATS.UNREACHABLE: nothing answers', reason])).toBe(false);
  });

  it.each([undefined, 'NATS.UNREACHABLE: nothing answers', 'connect ECONNREFUSED 127.0.0.1:4222'])(
    'is waited for when a server may come back: %s',
    (reason) => {
      expect(after(times(8, reason))).toBe(false);
      expect(after(times(9, reason))).toBe(true);
    },
  );
});
