import { toHex } from '@evenkeel/kernel';

import { Credentials } from './credentials';
import { hyperliquidAddress, hyperliquidSignature } from './hyperliquid-signing';
import { packMessage } from './message-pack';

const CREDENTIALS = new Credentials(
  'agent',
  '0x0123456789012345678901234567890123456789012345678901234567890123',
);

describe('Hyperliquid signatures', () => {
  const action = { type: 'dummy', num: 100_000_000_000 };

  it('agree with the vectors of the venue’s own client, on both networks', () => {
    expect(hyperliquidSignature(CREDENTIALS, { action, nonce: 0, mainnet: true })).toEqual({
      r: '0x053749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298',
      s: '0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8',
      v: 27,
    });
    expect(hyperliquidSignature(CREDENTIALS, { action, nonce: 0, mainnet: false })).toEqual({
      r: '0x542af61ef1f429707e3c76c5293c80d01f74ef853e34b76efffcb57e574f9510',
      s: '0x17b8b32f086e8cdede991f1e2c529f5dd5297cbe8128500e00cbaf766204a613',
      v: 28,
    });
  });

  it('change with the nonce and with the vault', () => {
    const of = (more: object): string =>
      hyperliquidSignature(CREDENTIALS, { action, nonce: 1, mainnet: true, ...more }).r;
    const vaultAddress = '0x1719884eb866cb12b2287399b15f7db5e7d775ea';
    expect(new Set([of({}), of({ nonce: 2 }), of({ vaultAddress })]).size).toBe(3);
    expect(hyperliquidAddress(CREDENTIALS)).toBe('0x14791697260e4c9a71f18484c9f997b308e59325');
  });
});

describe('MessagePack', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [256, 'cd0100'],
    [65_536, 'ce00010000'],
    [100_000_000_000, 'cf000000174876e800'],
    [-1, 'ff'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [null, 'c0'],
    [true, 'c3'],
    ['abc', 'a3616263'],
    [[1, 'a'], '9201a161'],
    [{ b: 1, a: [] }, '82a16201a16190'],
    ['x'.repeat(32), `d920${'78'.repeat(32)}`],
  ])('packs %j in its shortest form', (value, hex) => {
    expect(toHex(packMessage(value))).toBe(hex);
  });

  it('refuses what is not an integer', () => {
    expect(() => packMessage({ px: 1.5 })).toThrow('integer');
  });
});
