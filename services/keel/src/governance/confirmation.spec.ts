import { confirmed, requireLongEnough } from './confirmation';
import type { Terminal } from './confirmation';

const HASH = 'c0ffee00'.padEnd(64, '0');
const typing = (text: string, isInteractive = true): Terminal => ({
  isInteractive,
  ask: () => Promise.resolve(text),
});

describe('what a person agrees to', () => {
  it('is named in full, or typed at a terminal after it was shown', async () => {
    expect(await confirmed(HASH, HASH, typing('', false))).toBe(HASH);
    expect(await confirmed(HASH, undefined, typing('c0ffee00\n'))).toBe(HASH);
  });

  it.each([
    ['the beginning of the hash on the command line', 'c0ffee00', typing('c0ffee00')],
    ['the hash of other content', 'f'.repeat(64), typing('c0ffee00')],
    ['nothing, where nobody can be asked', undefined, typing('c0ffee00', false)],
    ['a yes', undefined, typing('yes')],
  ])('is not %s', async (_name, given, terminal) => {
    await expect(confirmed(HASH, given, terminal)).rejects.toThrow(/sha256/);
  });

  it('is named by more of its id than somebody could make another have', () => {
    expect(() => requireLongEnough('3f2a9c41')).toThrow(/too short/);
    expect(() => requireLongEnough('3f2a9c41-77b0-5e2')).toThrow(/too short/);
    expect(() => requireLongEnough('3f2a9c41-77b0-5e2c-a3de')).not.toThrow();
  });
});
