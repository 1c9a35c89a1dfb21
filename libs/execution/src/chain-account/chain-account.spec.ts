import type { ChainAccountAdopted, ChainRules, TransactionIntended } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import type { ChainReport } from './chain-report';
import { nextOnChain, observeChain } from './decide';
import type { ChainAccountEvent } from './events';
import { evolveChainAccount } from './evolve';
import { intendAction, withdrawAction } from './intend';
import type { ChainStep, IntendRefusal, WantedAction } from './intend';
import { pendingEffects } from './queries';
import type { ChainAccount } from './state';

const AT = '2026-01-05T00:00:00Z';
const ADDRESS = '0x00000000000000000000000000000000000000aa';
const GWEI = 1_000_000_000n;
const RULES: ChainRules = {
  finalityBlocks: 12,
  maxOpen: 2,
  replaceAfterBlocks: 3,
  maxAttempts: 6,
  maxActionUsd: '60',
  maxDayUsd: '100',
};

function block(number: number, baseFee = 20n * GWEI, time = AT): ChainReport {
  return { kind: 'block', block: blockOf(number), time, baseFee, tip: GWEI, coinUsd: '3000' };
}

function blockOf(number: number, fork = 'a'): { number: number; hash: string } {
  return { number, hash: `0x${number}${fork}` };
}

function want(actionId: string, changes: Partial<WantedAction> = {}): WantedAction {
  return {
    ...{ actionId, action: 'swap', serves: [actionId], to: ADDRESS, data: '0x01', value: '0' },
    ...{ gasLimit: 200_000, gasParts: [{ name: 'quoted', value: 200_000, unit: 'gas' }] },
    ...changes,
  };
}

/** An account, adopted at block 100 with nonce 7, and everything that it said. */
class Desk {
  readonly said: ChainAccountEvent[] = [];
  account: ChainAccount;

  constructor(rules: Partial<ChainRules> = {}) {
    const adopted: ChainAccountAdopted = {
      ...{ account: `1:${ADDRESS}`, book: 'desk', chainId: 1, address: ADDRESS, coin: 'ETH', nonce: 7 },
      ...{ block: blockOf(100), rules: { ...RULES, ...rules }, at: AT },
    };
    this.account = evolveChainAccount(undefined, { type: 'ChainAccountAdopted', payload: adopted });
    this.hear(block(101));
  }

  hear(report: ChainReport): readonly ChainAccountEvent[] {
    const before = this.said.length;
    observeChain(this.account, report);
    for (let step = nextOnChain(this.account, report, AT); step !== undefined;) {
      this.take(step);
      step = nextOnChain(this.account, report, AT);
    }
    return this.said.slice(before);
  }

  intend(action: WantedAction): IntendRefusal | TransactionIntended {
    const step = intendAction(this.account, action, AT);
    if (typeof step === 'string') return step;
    this.take(step);
    return this.lastIntent();
  }

  take(step: ChainStep | undefined): void {
    for (const event of required(step, 'a step').events) {
      this.said.push(event);
      this.account = evolveChainAccount(this.account, event);
    }
  }

  /** The signer answers the last intent; the hash is `0x<nonce>.<attempt>`. */
  sign(): string {
    const { nonce, attempt, signingHash } = this.lastIntent();
    const hash = `0x${nonce}.${attempt}`;
    this.hear({ kind: 'signed', nonce, attempt, signingHash, hash });
    return hash;
  }

  include(hash: string, number: number, reverted?: string, fork = 'a'): readonly ChainAccountEvent[] {
    return this.hear({
      ...{ kind: 'included', hash, block: blockOf(number, fork), blockTime: AT, index: 0 },
      ...{ gasUsed: 130_000, gasPrice: 21n * GWEI, reverted, balances: [] },
    });
  }

  lastIntent(): TransactionIntended {
    const intents = this.said.flatMap((event) =>
      event.type === 'TransactionIntended' ? [event.payload] : [],
    );
    return required(intents.at(-1), 'an intent');
  }
}

const types = (events: readonly ChainAccountEvent[]): readonly string[] => events.map(({ type }) => type);

describe('a chain account', () => {
  it('intends, has it signed on record, and only then asks for it to be sent', () => {
    const desk = new Desk();
    expect(desk.intend(want('o1'))).toMatchObject({
      ...{ nonce: 7, attempt: 1, reason: 'WANTED', reference: blockOf(101), coinUsd: '3000' },
      ...{ maxFeePerGas: String(41n * GWEI), maxPriorityFeePerGas: String(GWEI) },
    });
    expect(pendingEffects(desk.account)).toMatchObject([{ kind: 'sign' }]);
    const { signingHash } = desk.lastIntent();
    const report: ChainReport = { kind: 'signed', nonce: 7, attempt: 1, signingHash, hash: '0xaa' };
    expect(nextOnChain(desk.account, report, AT)).toMatchObject({
      events: [{ type: 'TransactionSigned', payload: { hash: '0xaa' } }],
      effects: [{ kind: 'broadcast', hash: '0xaa' }],
    });
    desk.hear(report);
    // Signed once more after a crash: the hash on record stays the one that is sent.
    expect(desk.hear({ ...report, hash: '0xbb' })).toEqual([]);
    expect(pendingEffects(desk.account)).toEqual([
      { kind: 'broadcast', account: `1:${ADDRESS}`, hash: '0xaa' },
    ]);
  });

  it('is refused what it may not do, and nothing is on record of it', () => {
    const desk = new Desk({ maxDayUsd: '70' });
    expect(desk.intend(want('dear', { gasLimit: 600_000 }))).toBe('ACTION_GAS');
    expect(desk.intend(want('late', { deadline: AT }))).toBe('PAST_DEADLINE');
    desk.intend(want('o1'));
    expect(desk.intend(want('o1'))).toBe('ALREADY_OPEN');
    desk.intend(want('o2'));
    expect(desk.intend(want('o3'))).toBe('TOO_MANY_OPEN');
    expect(types(desk.said)).toEqual(['TransactionIntended', 'TransactionIntended']);
    // Two at their worst are 49.2 USD of the day's 70.
    const other = new Desk({ maxDayUsd: '70', maxOpen: 9 });
    other.intend(want('o1'));
    other.intend(want('o2'));
    expect(other.intend(want('o3'))).toBe('DAY_GAS');
    const blind = new Desk();
    blind.account.head = undefined;
    expect(blind.intend(want('o1'))).toBe('NO_BLOCK');
  });

  it('replaces what waits by an eighth more on both fees, within its cap, then cancels', () => {
    const desk = new Desk();
    desk.intend(want('o1'));
    desk.sign();
    for (let number = 102; number < 140; number += 1) {
      if (desk.hear(block(number, 400n * GWEI)).length > 0) desk.sign();
    }
    const intents = desk.said.flatMap((event) =>
      event.type === 'TransactionIntended' ? [event.payload] : [],
    );
    for (const [index, { maxFeePerGas, maxPriorityFeePerGas, gasLimit }] of intents.entries()) {
      const before = intents[index - 1];
      if (before !== undefined) {
        expect(BigInt(maxFeePerGas) * 8n).toBeGreaterThanOrEqual(BigInt(before.maxFeePerGas) * 9n);
        expect(BigInt(maxPriorityFeePerGas) * 8n).toBeGreaterThanOrEqual(
          BigInt(before.maxPriorityFeePerGas) * 9n,
        );
      }
      // At most 60 USD of gas at 3,000 USD a coin.
      expect(BigInt(maxFeePerGas) * BigInt(gasLimit)).toBeLessThanOrEqual(20_000_000_000_000_000n);
    }
    expect(intents.map(({ action, reason }) => `${action} ${reason}`).slice(0, 7)).toEqual([
      'swap WANTED',
      ...Array.from({ length: 5 }, () => 'swap SLOW'),
      'cancel ATTEMPTS',
    ]);
    expect(intents.every(({ nonce }) => nonce === 7)).toBe(true);
    const cheaper = new Desk({ maxActionUsd: '26' });
    cheaper.intend(want('o1'));
    cheaper.sign();
    for (const number of [102, 103, 104]) cheaper.hear(block(number, 400n * GWEI));
    expect(cheaper.lastIntent()).toMatchObject({
      action: 'cancel',
      reason: 'GAS_CAP',
      gasLimit: 21_000,
      data: '0x',
    });
  });

  it('cancels what is past its deadline, and what is withdrawn, once', () => {
    const desk = new Desk();
    desk.intend(want('o1', { deadline: '2026-01-05T00:01:00Z' }));
    desk.sign();
    desk.hear(block(104, 20n * GWEI, '2026-01-05T00:01:00Z'));
    expect(desk.lastIntent()).toMatchObject({
      action: 'cancel',
      reason: 'DEADLINE',
      attempt: 2,
      serves: ['o1'],
    });
    const other = new Desk();
    other.intend(want('o1'));
    other.take(withdrawAction(other.account, 'o1', AT));
    expect(other.lastIntent()).toMatchObject({ action: 'cancel', reason: 'WITHDRAWN' });
    expect(withdrawAction(other.account, 'o1', AT)).toBeUndefined();
    expect(withdrawAction(other.account, 'unknown', AT)).toBeUndefined();
  });

  it('counts an inclusion once, and whichever attempt it is of', () => {
    const desk = new Desk();
    desk.intend(want('o1'));
    const first = desk.sign();
    desk.hear(block(104));
    const second = desk.sign();
    expect(types(desk.include(first, 105))).toEqual(['TransactionIncluded']);
    expect(desk.include(first, 105)).toEqual([]);
    expect(desk.hear(block(116))).toEqual([]);
    expect(desk.hear(block(117))).toMatchObject([
      { type: 'TransactionReplaced', payload: { hash: second, by: first } },
      { type: 'TransactionFinal', payload: { hash: first, nonce: 7 } },
    ]);
    expect(desk.include(first, 105)).toEqual([]);
    expect(desk.account.uses.size).toBe(0);
    // 130,000 units at 21 gwei and 3,000 USD a coin.
    expect(desk.account.spent.usd.toString()).toBe('8.19');
  });

  it('never does an action twice, also once the first time is final and forgotten', () => {
    const desk = new Desk();
    desk.intend(want('o1'));
    desk.include(desk.sign(), 105);
    desk.hear(block(117));
    expect(desk.account.uses.size).toBe(0);
    expect(desk.intend(want('o1'))).toBe('ALREADY_DONE');
    const payload = { ...desk.account.adopted, nonce: 8, block: blockOf(130) };
    desk.account = evolveChainAccount(desk.account, { type: 'ChainAccountAdopted', payload });
    expect(desk.intend(want('o1'))).toBe('ALREADY_DONE');
    expect(desk.intend(want('o2'))).toMatchObject({ nonce: 8 });
  });

  it('waits with a cancel that would take the day beyond its cap', () => {
    const desk = new Desk({ maxDayUsd: '25' });
    desk.intend(want('o1'));
    desk.sign();
    for (let number = 102; number < 200; number += 1)
      if (desk.hear(block(number, 400n * GWEI)).length > 0) desk.sign();
    const dearest = desk.said.flatMap(({ type, payload }) =>
      type === 'TransactionIntended' ? [BigInt(payload.maxFeePerGas) * BigInt(payload.gasLimit)] : [],
    );
    expect(dearest.length).toBeGreaterThan(2);
    // 25 USD at 3,000 USD a coin.
    for (const wei of dearest) expect(wei).toBeLessThanOrEqual(8_333_333_333_333_333n);
  });

  it('is done with all of a block at once: each of its transactions is told from the others by all of them', () => {
    const desk = new Desk();
    const hashes = ['o1', 'o2'].map((action) => {
      desk.intend(want(action));
      return desk.sign();
    });
    for (const hash of hashes) desk.include(hash, 105);
    desk.account.head = undefined;
    observeChain(desk.account, block(117));
    const step = nextOnChain(desk.account, block(117), AT);
    expect(types(step?.events ?? [])).toEqual(['TransactionFinal', 'TransactionFinal']);
  });

  it('waits again for what was reorganised away; it may come back as it was, or fail the second time', () => {
    const desk = new Desk();
    desk.intend(want('o1'));
    const hash = desk.sign();
    desk.include(hash, 105);
    desk.hear(block(106));
    expect(desk.hear({ kind: 'gone', block: blockOf(105) })).toMatchObject([
      { type: 'TransactionReorged', payload: { hash, block: blockOf(105) } },
    ]);
    expect(desk.account.spent.usd.isZero()).toBe(true);
    expect(pendingEffects(desk.account)).toMatchObject([{ kind: 'broadcast', hash }]);
    expect(types(desk.include(hash, 106, undefined, 'b'))).toEqual(['TransactionIncluded']);
    // Nobody said that this one is gone too: a nonce is used once.
    expect(desk.include(hash, 107, 'Too little received', 'c')).toMatchObject([
      { type: 'TransactionReorged', payload: { block: blockOf(106, 'b') } },
      {
        type: 'TransactionReverted',
        payload: { reason: 'Too little received', gasPaid: { amount: '-0.00273' } },
      },
    ]);
    expect(desk.account.spent.usd.toString()).toBe('8.19');
  });

  it.each<[string, ChainReport]>([
    ['NONCE_TAKEN', { kind: 'taken', nonce: 7, block: blockOf(104) }],
    ['NODES_DISAGREE', { kind: 'disagree', detail: 'two blocks 104' }],
    ['FINALITY_BROKEN', { kind: 'gone', block: blockOf(89) }],
    ['SIGNED_OTHERWISE', { kind: 'signed', nonce: 7, attempt: 1, signingHash: '0x00', hash: '0xcc' }],
  ])('stands still on %s, and still records what becomes of what it sent', (reason, report) => {
    const desk = new Desk();
    desk.intend(want('o1'));
    expect(desk.hear(report)).toMatchObject([{ type: 'AccountHalted', payload: { reason } }]);
    expect(desk.hear(report)).toEqual([]);
    expect(desk.intend(want('o2'))).toBe('ACCOUNT_HALTED');
    expect(pendingEffects(desk.account)).toEqual([]);
    expect(desk.hear(block(120))).toEqual([]);
  });

  it('goes on where it is adopted anew: what may still be included is remembered', () => {
    const desk = new Desk();
    desk.intend(want('o1'));
    const hash = desk.sign();
    desk.hear({ kind: 'disagree', detail: 'two blocks 104' });
    const payload = { ...desk.account.adopted, block: blockOf(110) };
    desk.account = evolveChainAccount(desk.account, { type: 'ChainAccountAdopted', payload });
    expect(desk.account).toMatchObject({ halted: undefined, nextNonce: 8 });
    expect(types(desk.include(hash, 111))).toEqual(['TransactionIncluded']);
    const later = { ...payload, nonce: 9, block: blockOf(130) };
    desk.account = evolveChainAccount(desk.account, { type: 'ChainAccountAdopted', payload: later });
    expect(desk.account).toMatchObject({ nextNonce: 9, uses: new Map() });
  });
});
