import { packMessage, type Packable } from './message-pack';
import { actionHash, addressOf, signAction, signerOf, type Action } from './signing';

/** Of the tests of the venue's own Python library (hyperliquid-python-sdk, tests/signing_test.py). */
const KEY = '0x0123456789012345678901234567890123456789012345678901234567890123';
const VAULT = '0x1719884eb866cb12b2287399b15f7db5e7d775ea';
const DUMMY = { type: 'dummy', num: 100_000_000_000 };
const order = (more: Action, type: Action = { limit: { tif: 'Gtc' } }): Action => ({
  type: 'order',
  orders: [{ a: 1, b: true, p: '100', s: '100', r: false, t: type, ...more }],
  grouping: 'na',
});
const CLOID = { c: '0x00000000000000000000000000000001' };
const STOP = { trigger: { isMarket: true, triggerPx: '103', tpsl: 'sl' } };

const SIGNED: readonly (readonly [
  what: string,
  action: Action,
  vaultAddress: string | undefined,
  real: readonly [r: string, s: string, v: number],
  play: readonly [r: string, s: string, v: number],
])[] = [
  [
    'an action',
    DUMMY,
    undefined,
    [
      '0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298',
      '0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8',
      27,
    ],
    [
      '0x542af61ef1f429707e3c76c5293c80d01f74ef853e34b76efffcb57e574f9510',
      '0x17b8b32f086e8cdede991f1e2c529f5dd5297cbe8128500e00cbaf766204a613',
      28,
    ],
  ],
  [
    'an order',
    order({}),
    undefined,
    [
      '0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e',
      '0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e',
      28,
    ],
    [
      '0x82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54',
      '0x6b53878fc99d26047f4d7e8c90eb98955a109f44209163f52d8dc4278cbbd9f5',
      27,
    ],
  ],
  [
    'an order under an id of ours',
    order(CLOID),
    undefined,
    [
      '0x41ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3',
      '0x3c61f667e747404fe7eea8f90ab0e76cc12ce60270438b2058324681a00116da',
      27,
    ],
    [
      '0xeba0664bed2676fc4e5a743bf89e5c7501aa6d870bdb9446e122c9466c5cd16d',
      '0x7f3e74825c9114bc59086f1eebea2928c190fdfbfde144827cb02b85bbe90988',
      28,
    ],
  ],
  [
    'an action for a vault',
    DUMMY,
    VAULT,
    [
      '0x3c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239',
      '0x4d402be7396ce74fbba3795769cda45aec00dc3125a984f2a9f23177b190da2c',
      28,
    ],
    [
      '0xe281d2fb5c6e25ca01601f878e4d69c965bb598b88fac58e475dd1f5e56c362b',
      '0x7ddad27e9a238d045c035bc606349d075d5c5cd00a6cd1da23ab5c39d4ef0f60',
      27,
    ],
  ],
  [
    'a stop order',
    order({}, STOP),
    undefined,
    [
      '0x98343f2b5ae8e26bb2587daad3863bc70d8792b09af1841b6fdd530a2065a3f9',
      '0x6b5bb6bb0633b710aa22b721dd9dee6d083646a5f8e581a20b545be6c1feb405',
      27,
    ],
    [
      '0x971c554d917c44e0e1b6cc45d8f9404f32172a9d3b3566262347d0302896a2e4',
      '0x206257b104788f80450f8e786c329daa589aa0b32ba96948201ae556d5637eac',
      28,
    ],
  ],
  [
    'the end of the dead man’s switch',
    { type: 'scheduleCancel' },
    undefined,
    [
      '0x6cdfb286702f5917e76cd9b3b8bf678fcc49aec194c02a73e6d4f16891195df9',
      '0x6557ac307fa05d25b8d61f21fb8a938e703b3d9bf575f6717ba21ec61261b2a0',
      27,
    ],
    [
      '0xc75bb195c3f6a4e06b7d395acc20bbb224f6d23ccff7c6a26d327304e6efaeed',
      '0x342f8ede109a29f2c0723bd5efb9e9100e3bbb493f8fb5164ee3d385908233df',
      28,
    ],
  ],
  [
    'the dead man’s switch',
    { type: 'scheduleCancel', time: 123_456_789 },
    undefined,
    [
      '0x609cb20c737945d070716dcc696ba030e9976fcf5edad87afa7d877493109d55',
      '0x16c685d63b5c7a04512d73f183b3d7a00da5406ff1f8aad33f8ae2163bab758b',
      28,
    ],
    [
      '0x4e4f2dbd4107c69783e251b7e1057d9f2b9d11cee213441ccfa2be63516dc5bc',
      '0x706c656b23428c8ba356d68db207e11139ede1670481a9e01ae2dfcdb0e1a678',
      27,
    ],
  ],
];

describe('actions at Hyperliquid are signed as its own library signs them:', () => {
  it.each(SIGNED)('%s', (_, action, vaultAddress, ...expected) => {
    const terms = { action, nonce: 0, ...(vaultAddress === undefined ? {} : { vaultAddress }) };
    for (const [at, [r, s, v]] of expected.entries()) {
      const signature = signAction(KEY, terms, at === 0);
      expect(signature).toEqual({ r, s, v });
      expect(signerOf(terms, signature, at === 0)).toBe(addressOf(KEY));
      expect(signerOf(terms, signature, at !== 0)).not.toBe(addressOf(KEY));
    }
  });

  it('the hash of an order that was sent in production', () => {
    const action = {
      type: 'order',
      orders: [{ a: 4, b: true, p: '1670.1', s: '0.0147', r: false, t: { limit: { tif: 'Ioc' } } }],
      grouping: 'na',
    };
    expect(actionHash({ action, nonce: 1_677_777_606_040 }).toString('hex')).toBe(
      '0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908',
    );
  });

  it('and whoever changes what was signed is another signer', () => {
    const terms = { action: order(CLOID), nonce: 5, expiresAfter: 9 };
    const signature = signAction(KEY, terms, true);
    for (const changed of [
      { ...terms, nonce: 6 },
      { ...terms, expiresAfter: 10 },
      { ...terms, vaultAddress: VAULT },
      { ...terms, action: order({}) },
    ])
      expect(signerOf(changed, signature, true)).not.toBe(addressOf(KEY));
    expect(signerOf(terms, { ...signature, r: '0x0' }, true)).toBeUndefined();
  });
});

it.each<[Packable, string]>([
  [127, '7f'],
  [128, 'cc80'],
  [255, 'ccff'],
  [256, 'cd0100'],
  [65_536, 'ce00010000'],
  [4_294_967_295, 'ceffffffff'],
  [4_294_967_296, 'cf0000000100000000'],
  [1_790_000_000_000, 'cf000001a0c4506c00'],
  ['x'.repeat(31), `bf${'78'.repeat(31)}`],
  ['x'.repeat(34), `d922${'78'.repeat(34)}`],
  ['x'.repeat(256), `da0100${'78'.repeat(256)}`],
  [
    { type: 'cancel', cancels: [{ a: 0, o: 77_738_308 }] },
    '82a474797065a663616e63656ca763616e63656c739182a16100a16fce04a23144',
  ],
  [Array.from({ length: 16 }, () => null), `dc0010${'c0'.repeat(16)}`],
])('%j is packed in its shortest form, a whole number as an integer', (value, bytes) => {
  expect(packMessage(value).toString('hex')).toBe(bytes);
});

it.each([0.5, -1, 2 ** 53])('%d is no number of an action', (value) => {
  expect(() => packMessage(value)).toThrow();
});
