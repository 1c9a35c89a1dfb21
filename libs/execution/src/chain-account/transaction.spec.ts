import { signingHash } from './transaction';

describe('what is signed', () => {
  // Computed with viem 2.57.20: keccak256(serializeTransaction(…)) of the same fields.
  it('is the hash of an EIP-1559 transaction as other software makes it', () => {
    expect(
      signingHash({
        chainId: 1,
        nonce: 0,
        to: '0x00000000000000000000000000000000000000aa',
        data: '0x',
        value: 0n,
        gasLimit: 21_000,
        maxFeePerGas: 41000000000n,
        maxPriorityFeePerGas: 1000000000n,
      }),
    ).toBe('0x052c239ff0ff781ff096674508299519c38e6a1ce035135e7509b7f2661d0504');
    expect(
      signingHash({
        chainId: 137,
        nonce: 300,
        to: '0xc36442b4a4522e871399cd717abdd847ab11fe88',
        data: `0x${'ab'.repeat(300)}`,
        value: 123456789012345678901n,
        gasLimit: 534_000,
        maxFeePerGas: 9558000000000n,
        maxPriorityFeePerGas: 30000000001n,
      }),
    ).toBe('0xf927eecf102b0f262c959786a08cbc52472361f684be8aa8a983e79e5aa465f8');
  });
});
