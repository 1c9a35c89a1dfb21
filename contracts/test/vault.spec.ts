import { required } from '@evenkeel/kernel';
import { allowed, readRights } from './rights-table';
import type { Act } from './rights-table';
import { TestChain } from './test-chain';
import { DAY, HOUR, TERMS, UNIT, VaultFixture, describeWithChain } from './vault-fixture';

const AMOUNT = 1_000n * UNIT;

describeWithChain('vault', () => {
  let chain: TestChain;
  let fixture: VaultFixture;
  let plain: VaultFixture;
  let clean: string;
  beforeAll(async () => {
    chain = await TestChain.start();
    plain = await VaultFixture.deploy(chain, { ...TERMS, managementBps: 0n, performanceBps: 0n });
  });
  beforeEach(async () => {
    clean = await chain.snapshot();
    fixture = plain;
  });
  afterEach(() => chain.revert(clean));
  afterAll(() => chain.stop());

  /** Holders of 1,000 each in epoch 1, with their shares, and everything at the book. */
  async function holders(count: number): Promise<string[]> {
    const who = Array.from({ length: count }, (_, index) => fixture.holder(index));
    for (const holder of who) await fixture.deposit(holder, AMOUNT);
    await fixture.settle(0n);
    for (const holder of who) await fixture.vault.send(holder, 'claimShares', 1n);
    await fixture.vault.send(fixture.operator(), 'deploy', AMOUNT * BigInt(count));
    return who;
  }

  const redeemAll = async (holder: string): Promise<bigint> =>
    fixture.vault.send(holder, 'requestRedeem', await fixture.shares(holder));

  it('pays what is owed when it is funded and not before, the oldest epoch first', async () => {
    const [first, second] = await holders(2);
    await redeemAll(required(first, 'a holder'));
    await fixture.settle(2n * AMOUNT);
    await redeemAll(required(second, 'a holder'));
    await fixture.settle(2n * AMOUNT);
    expect(await fixture.vault.number('unfunded')).toBe(2n * AMOUNT);
    const claim = (holder = '', epoch = 0n): Promise<{ reverted?: string }> =>
      fixture.vault.try(holder, 'claimAssets', epoch);
    expect(await claim(first, 2n)).toMatchObject({ reverted: 'WrongPhase' });
    await fixture.fund(AMOUNT - 1n);
    expect(await fixture.phase(2n)).toBe('SETTLED');
    expect(await claim(first, 2n)).toMatchObject({ reverted: 'WrongPhase' });
    await fixture.fund(1n);
    expect([await fixture.phase(2n), await fixture.phase(3n)]).toEqual(['FUNDED', 'SETTLED']);
    expect(await claim(second, 3n)).toMatchObject({ reverted: 'WrongPhase' });
    expect(await claim(first, 2n)).toEqual({ gas: expect.any(BigInt) as bigint });
    expect(await fixture.balance(first ?? '')).toBe(AMOUNT);
    expect(await claim(first, 2n)).toMatchObject({ reverted: 'NothingToDo' });
    // Never more than is owed: a holder of the book's key can't push value in either.
    await fixture.token.send(fixture.book(), 'approve', fixture.vault.address, 2n * AMOUNT);
    await fixture.earn(1n);
    expect(await fixture.vault.try(fixture.book(), 'fund', AMOUNT + 1n)).toMatchObject({
      reverted: 'MoreThanOwed',
    });
  });

  it('nets what comes against what goes before anything moves', async () => {
    const [leaves] = await holders(2);
    await redeemAll(required(leaves, 'a holder'));
    await fixture.deposit(fixture.holder(5), AMOUNT + 7n);
    await fixture.settle(2n * AMOUNT);
    expect(await fixture.phase(2n)).toBe('FUNDED');
    expect(await fixture.vault.number('idle')).toBe(7n);
    expect(await fixture.balance(fixture.book())).toBe(2n * AMOUNT);
    await fixture.vault.send(leaves ?? '', 'claimAssets', 2n);
    expect(await fixture.balance(leaves ?? '')).toBe(AMOUNT);
  });

  it('is not blocked by a token that refuses an account, is paused or charges', async () => {
    const [refused, other] = await holders(3);
    for (const holder of [refused, other]) await redeemAll(required(holder, 'a holder'));
    await fixture.token.send(fixture.owner(), 'setRefused', refused ?? '', true);
    await fixture.token.send(fixture.owner(), 'setPaused', true);
    await fixture.settle(3n * AMOUNT);
    await fixture.token.send(fixture.owner(), 'setPaused', false);
    await fixture.fund(2n * AMOUNT);
    expect(await fixture.vault.try(refused ?? '', 'claimAssets', 2n)).toMatchObject({ reverted: 'refused' });
    await fixture.vault.send(other ?? '', 'claimAssets', 2n);
    expect(await fixture.balance(other ?? '')).toBe(AMOUNT);
    // The book itself refused: settling goes on, and what waits pays.
    await fixture.token.send(fixture.owner(), 'setRefused', fixture.book(), true);
    await redeemAll(fixture.holder(2));
    await fixture.deposit(fixture.holder(4), 2n * AMOUNT);
    await fixture.settle(AMOUNT);
    await fixture.vault.send(fixture.holder(2), 'claimAssets', 3n);
    expect(await fixture.vault.try(fixture.operator(), 'deploy', AMOUNT)).toMatchObject({
      reverted: 'refused',
    });
    // The refused one's assets wait for him, whatever else is paid.
    await fixture.token.send(fixture.owner(), 'setRefused', refused ?? '', false);
    await fixture.vault.send(refused ?? '', 'claimAssets', 2n);
    expect(await fixture.balance(refused ?? '')).toBe(AMOUNT);
  });

  it('credits what arrives of a token that charges, in and back', async () => {
    await fixture.token.send(fixture.owner(), 'setFee', 100n);
    await fixture.deposit(fixture.holder(0), AMOUNT);
    expect(await fixture.vault.number('depositOf', 1n, fixture.holder(0))).toBe((AMOUNT * 99n) / 100n);
    await fixture.settle(0n);
    await fixture.vault.send(fixture.holder(0), 'claimShares', 1n);
    await fixture.vault.send(fixture.operator(), 'deploy', (AMOUNT * 99n) / 100n);
    await redeemAll(fixture.holder(0));
    const value = await fixture.balance(fixture.book());
    await fixture.settle(value);
    await fixture.fund(value);
    // A hundredth was lost on the way: the epoch waits for it rather than pay from others' money.
    expect(await fixture.vault.number('unfunded')).toBe(value / 100n);
    expect(await fixture.phase(2n)).toBe('SETTLED');
  });

  it('refuses a value that moved too far, is not of this epoch, lacks evidence or was struck before a flow', async () => {
    await holders(1);
    const last = AMOUNT + 1n;
    const limit = (last * TERMS.maxMoveBps) / 10_000n;
    await fixture.close();
    const closedAt = await chain.now();
    const refusals: readonly (readonly [string, bigint, object, bigint])[] = [
      ['MovedTooFar', AMOUNT + limit + 1n, {}, 2n * HOUR],
      ['MovedTooFar', AMOUNT - limit - 1n, {}, 2n * HOUR],
      ['MovedTooFar', 0n, {}, 2n * HOUR],
      ['ValueNotFromThisEpoch', AMOUNT, { struckAt: closedAt - 1n }, 2n * HOUR],
      ['ValueNotFromThisEpoch', AMOUNT, { struckAt: closedAt + HOUR }, 2n * HOUR + 1n],
      ['ValueNotFromThisEpoch', AMOUNT, { struckAt: closedAt + 2n * HOUR + 1n }, 2n * HOUR],
      ['EvidenceMissing', AMOUNT, { treeRoot: new Uint8Array(32) }, 2n * HOUR],
      ['EvidenceMissing', AMOUNT, { journalSequence: 1n }, 2n * HOUR],
      ['FlowsMoved', AMOUNT, { flows: 0n }, 2n * HOUR],
      ['WrongPhase', AMOUNT, { epoch: 1n }, 2n * HOUR],
      ['WrongPhase', AMOUNT, { epoch: 3n }, 2n * HOUR],
      ['TooSoon', AMOUNT, {}, HOUR - 2n - (closedAt - (await fixture.vault.number('settledAt')))],
    ];
    for (const [reverted, value, posted, after] of refusals) {
      const before = await chain.snapshot();
      expect(await fixture.post(value, posted, closedAt + after)).toMatchObject({ reverted });
      await chain.revert(before);
    }
    for (const value of [AMOUNT + limit, AMOUNT - limit]) {
      const before = await chain.snapshot();
      expect(await fixture.post(value)).toEqual({ gas: expect.any(BigInt) as bigint });
      await chain.revert(before);
    }
  });

  it('gives requests back when nobody settles, and when the owner says so', async () => {
    const [holder = ''] = await holders(1);
    await fixture.deposit(fixture.holder(1), AMOUNT);
    await redeemAll(holder);
    await fixture.close();
    for (const who of [holder, fixture.holder(1)])
      expect(await fixture.vault.try(who, 'takeBack', 2n)).toMatchObject({ reverted: 'WrongPhase' });
    const closed = await chain.snapshot();
    await chain.pass(DAY + 1n);
    expect(await fixture.phase(2n)).toBe('VOID');
    expect(await fixture.post(AMOUNT)).toMatchObject({ reverted: 'WrongPhase' });
    await fixture.vault.send(fixture.holder(1), 'takeBack', 2n);
    expect(await fixture.balance(fixture.holder(1))).toBe(AMOUNT);
    await chain.revert(closed);
    await fixture.vault.send(fixture.owner(), 'voidEpoch', 2n);
    await fixture.vault.send(holder, 'takeBack', 2n);
    expect(await fixture.shares(holder)).toBe(AMOUNT * 1_000_000n);
    await fixture.close();
    expect(await fixture.post(AMOUNT)).toEqual({ gas: expect.any(BigInt) as bigint });
  });

  it('takes fees once: management by time, performance above the mark alone', async () => {
    fixture = await VaultFixture.deploy(chain);
    await holders(1);
    const year = 365n * DAY;
    const settledAt = await fixture.vault.number('settledAt');
    const worth = async (): Promise<bigint> =>
      fixture.vault.number('convertToAssets', await fixture.shares(fixture.fees()));
    await chain.pass(year - 2n * HOUR);
    await fixture.close();
    expect(await fixture.post(AMOUNT, {}, settledAt + year)).not.toHaveProperty('reverted');
    // 2 % of 1,000 for a year; nothing was gained.
    expect(await worth()).toBe((AMOUNT * 2n) / 100n - 1n);
    const settleAt = async (value: bigint): Promise<bigint> => {
      const before = await worth();
      await fixture.close();
      const reverted = (await fixture.post(value, {}, (await chain.now()) + HOUR + 60n)).reverted;
      expect(reverted).toBeUndefined();
      return (await worth()) - before;
    };
    // Up to the mark again costs no performance fee: the mark is par, the price 2 % below.
    const hour = (value: bigint): bigint => (value * 200n * (HOUR + 120n)) / (10_000n * year);
    expect(await settleAt((AMOUNT * 102n) / 100n)).toBeLessThanOrEqual(hour(AMOUNT * 2n) + AMOUNT / 2_000n);
    const gain = await settleAt((AMOUNT * 105n) / 100n);
    expect(gain).toBeGreaterThan((AMOUNT * 5n) / 1_000n);
    // Down and up to the same value: the same gain is not paid for twice.
    await settleAt((AMOUNT * 101n) / 100n);
    expect(await settleAt((AMOUNT * 105n) / 100n)).toBeLessThan(AMOUNT / 500n);
    expect(await settleAt((AMOUNT * 105n) / 100n)).toBeLessThanOrEqual(hour(AMOUNT * 2n));
  });

  it('can’t be entered again through its token', async () => {
    const [holder = ''] = await holders(2);
    await redeemAll(holder);
    await fixture.settle(2n * AMOUNT);
    await fixture.fund(AMOUNT);
    await fixture.deposit(holder, AMOUNT);
    const { vault, token } = fixture;
    // The token acts as a holder and, to have every right, as operator.
    await vault.send(fixture.owner(), 'setRoles', token.address, fixture.guardian(), fixture.fees());
    const again: readonly (readonly [string, readonly (bigint | object)[]])[] = [
      ['requestDeposit', [1n]],
      ['requestRedeem', [1n]],
      ['takeBack', [3n]],
      ['claimShares', [1n]],
      ['claimAssets', [2n]],
      ['deploy', [1n]],
      ['fund', [1n]],
    ];
    for (const [name, values] of again) {
      await token.send(
        fixture.owner(),
        'setHook',
        vault.address,
        bytes(vault.artifact.encode(name, values as bigint[])),
      );
      const before = await chain.snapshot();
      for (const [outer, ...args] of [
        ['claimAssets', 2n],
        ['takeBack', 3n],
        ['requestDeposit', 5n],
      ] as const) {
        if (outer === 'requestDeposit') await token.send(fixture.owner(), 'mint', holder, 5n);
        const calls = await token.number('hookCalls');
        await vault.send(holder, outer, ...args);
        expect([name, outer, await token.number('hookCalls')]).toEqual([name, outer, calls + 1n]);
        expect([name, outer, vault.artifact.errorOf(hex(await token.read('hookError')))]).toEqual([
          name,
          outer,
          'ReentrancyGuardReentrantCall',
        ]);
      }
      await chain.revert(before);
    }
  });

  it('lets each do what the table of the README says and nothing else', async () => {
    const rights = readRights('Who can do what: EpochVault');
    const { vault } = fixture;
    const roles: Readonly<Record<string, string>> = {
      anyone: chain.account(20),
      operator: fixture.operator(),
      guardian: fixture.guardian(),
      owner: fixture.owner(),
      book: fixture.book(),
    };
    // Everybody has shares, a funded and an unfunded redemption, and requests in the open epoch: only rights can refuse.
    const everybody = Object.values(roles);
    for (const account of everybody) await fixture.deposit(account, 3n * AMOUNT);
    await fixture.settle(0n);
    for (const account of everybody) {
      await vault.send(account, 'claimShares', 1n);
      await vault.send(account, 'requestRedeem', UNIT * UNIT);
      await fixture.deposit(account, AMOUNT);
    }
    const value = 15n * AMOUNT;
    await vault.send(fixture.operator(), 'deploy', value);
    await fixture.settle(value);
    await vault.send(fixture.operator(), 'deploy', await vault.number('idle'));
    for (const account of everybody) {
      await fixture.give(account, AMOUNT);
      await fixture.deposit(account, AMOUNT);
      await vault.send(account, 'requestRedeem', 50n * UNIT * UNIT);
    }
    const held = await vault.number('totalAssets');
    const closed = async (from: string, act: () => Promise<{ gas: bigint }>): Promise<{ gas: bigint }> => {
      if (!(await vault.read('paused'))) await vault.send(fixture.operator(), 'closeEpoch');
      return from === '' ? { gas: 0n } : act();
    };
    const acts: readonly Act[] = [
      { name: 'requestDeposit', attempt: (from) => vault.try(from, 'requestDeposit', UNIT) },
      { name: 'requestRedeem', attempt: (from) => vault.try(from, 'requestRedeem', UNIT) },
      { name: 'takeBack', attempt: (from) => vault.try(from, 'takeBack', 3n) },
      { name: 'claimShares', attempt: (from) => vault.try(from, 'claimShares', 2n) },
      { name: 'claimAssets', attempt: (from) => vault.try(from, 'claimAssets', 2n) },
      { name: 'closeEpoch', attempt: (from) => vault.try(from, 'closeEpoch') },
      { name: 'settle', attempt: (from) => closed(from, () => settleAs(from, held)) },
      { name: 'deploy', attempt: (from) => vault.try(from, 'deploy', 1n) },
      { name: 'fund', attempt: (from) => vault.try(from, 'fund', 1n) },
      { name: 'pause', attempt: (from) => vault.try(from, 'pause') },
      { name: 'unpause', attempt: (from) => vault.try(from, 'unpause') },
      { name: 'voidEpoch', attempt: (from) => closed(from, () => vault.try(from, 'voidEpoch', 3n)) },
      { name: 'setRoles', attempt: (from) => vault.try(from, 'setRoles', from, from, from) },
      { name: 'setMaxMove', attempt: (from) => vault.try(from, 'setMaxMove', 1n) },
      { name: 'transferOwnership', attempt: (from) => vault.try(from, 'transferOwnership', from) },
      { name: 'renounceOwnership', attempt: (from) => vault.try(from, 'renounceOwnership') },
    ];
    expect(acts.map(({ name }) => name)).toEqual(rights.acts);
    let tried = 0;
    for (const { name, attempt } of acts)
      for (const column of rights.columns) {
        const before = await chain.snapshot();
        const paused = column === 'while paused';
        if (name === 'deploy') await idleAndOwed(false);
        if (name === 'fund') await idleAndOwed(true);
        if (paused && name === 'settle') await vault.send(fixture.operator(), 'closeEpoch');
        if (paused && name === 'voidEpoch') await vault.send(fixture.operator(), 'closeEpoch');
        if (paused !== (name === 'unpause')) await vault.send(fixture.guardian(), 'pause');
        if (paused && name === 'unpause') await vault.send(fixture.guardian(), 'pause');
        const who = paused ? someone(name) : roles[column];
        if (!(paused && name === 'pause'))
          expect([name, column, allowed(await attempt(required(who, column)))]).toEqual([
            name,
            column,
            rights.may(name, column),
          ]);
        tried += 1;
        await chain.revert(before);
      }
    process.stdout.write(`vault: ${tried} cells of the table of rights tried\n`);

    /** One who may do it when nothing is paused. */
    function someone(name: string): string | undefined {
      const column = Object.keys(roles).find((role) => rights.may(name, role));
      return roles[column ?? 'owner'];
    }
    /** The next settlement leaves something to deploy, or something owed. */
    async function idleAndOwed(owed: boolean): Promise<void> {
      if (owed)
        for (const account of everybody) await vault.send(account, 'requestRedeem', 1_000n * UNIT * UNIT);
      await fixture.settle(held);
      await fixture.token.send(fixture.book(), 'approve', vault.address, 10n);
      await fixture.give(fixture.operator(), 10n);
    }
    async function settleAs(from: string, posted: bigint): Promise<{ gas: bigint }> {
      const [current, flows] = await vault.readAll([['currentEpoch'], ['flows']]);
      const at = (await chain.now()) + 2n * HOUR;
      await chain.setNext(at);
      return vault.try(from, 'settle', {
        epoch: BigInt(String(current)) - 1n,
        value: posted,
        flows: BigInt(String(flows)),
        struckAt: at,
        journalSequence: 1_000n,
        treeRoot: new Uint8Array(32).fill(1),
      });
    }
  });
});

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}

function hex(value: unknown): string {
  return `0x${Buffer.from(value as Uint8Array).toString('hex')}`; // a return value of type bytes
}
