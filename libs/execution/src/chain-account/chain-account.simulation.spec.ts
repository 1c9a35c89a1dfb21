import type { ChainAccountAdopted } from '@evenkeel/facts';
import { createRandom } from '@evenkeel/kernel';
import { ChainInMemory } from '../../test/chain-in-memory';
import { ChainOwner } from '../../test/chain-owner';
import type { Counts, Faults, Planted } from '../../test/chain-owner';
import type { WantedAction } from './intend';

const FINALITY = 4;
const ADDRESS = '0x00000000000000000000000000000000000000aa';
const ADOPTED: ChainAccountAdopted = {
  account: `1:${ADDRESS}`,
  book: 'desk',
  chainId: 1,
  address: ADDRESS,
  coin: 'ETH',
  nonce: 0,
  block: { number: 0, hash: '0x00' },
  rules: {
    finalityBlocks: FINALITY,
    maxOpen: 3,
    replaceAfterBlocks: 2,
    maxAttempts: 5,
    maxActionUsd: '150',
    maxDayUsd: '1000000',
  },
  at: '2026-01-05T00:00:00Z',
};
const FAULTS: Faults = { crash: 0.02, lost: 0.1 };

function actionOf(index: number): WantedAction {
  return {
    ...{ actionId: `order-${index}`, action: 'swap', serves: [`order-${index}`] },
    ...{ to: ADDRESS, data: `0x${index.toString(16).padStart(8, '0')}`, value: '0' },
    ...{ gasLimit: 200_000, gasParts: [{ name: 'quoted', value: 200_000, unit: 'gas' }] },
  };
}

interface Life {
  readonly problems: readonly string[];
  readonly counts: Counts;
  readonly attempts: number;
  readonly cancelled: number;
}

/** Lives through `intents` actions under faults, and has what came of them judged by what the chain holds. */
function live(seed: string, intents: number, planted: Planted = 'none'): Life {
  const random = createRandom(seed);
  const chain = new ChainInMemory(random.fork('chain'));
  const owner = new ChainOwner(chain, random.fork('owner'), FAULTS, planted, ADOPTED);
  const weather = random.fork('weather');
  for (let wanted = 0, round = 0; wanted < intents || owner.waiting > 0; round += 1) {
    if (owner.halted !== undefined || round > intents * 20) break;
    owner.follow();
    if (wanted < intents && owner.want(actionOf(wanted))) wanted += 1;
    if (weather.next() < 0.02) chain.spike(10n);
    if (weather.next() < 0.03) chain.forget();
    if (weather.next() < 0.04) chain.reorganise(1 + weather.integer(FINALITY - 1), FINALITY);
    chain.mine();
  }
  const { journal, counts } = owner;
  const intended = journal.filter(({ type }) => type === 'TransactionIntended');
  return {
    problems: judged(chain, owner, intents),
    counts,
    attempts: intended.length,
    cancelled: [...chain.mined().values()].filter(({ action }) => action === 'cancel').length,
  };
}

/** Knows nothing of the core: what the chain mined, and what the journal says of it. */
function judged(chain: ChainInMemory, owner: ChainOwner, intents: number): readonly string[] {
  const mined = chain.mined();
  const problems: string[] = [];
  if (owner.halted !== undefined) problems.push(`halted: ${owner.halted}`);
  if (owner.waiting > 0) problems.push(`${owner.waiting} nonces wait for ever`);
  if (mined.size !== intents) problems.push(`${mined.size} nonces mined for ${intents} intents`);
  const signed = new Set<string>();
  const final = new Map<number, string>();
  for (const { type, payload } of owner.journal) {
    if (type === 'TransactionSigned') signed.add(payload.hash);
    if (type !== 'TransactionFinal') continue;
    if (final.has(payload.nonce)) problems.push(`nonce ${payload.nonce} is final twice`);
    final.set(payload.nonce, payload.hash);
  }
  const actions = new Set<string>();
  for (let nonce = 0; nonce < mined.size; nonce += 1) {
    const transaction = mined.get(nonce);
    if (transaction === undefined) problems.push(`nonce ${nonce} is a gap`);
    else {
      if (!signed.has(transaction.hash)) problems.push(`nonce ${nonce}: what was mined is not on record`);
      if (final.get(nonce) !== transaction.hash) problems.push(`nonce ${nonce}: the record names another`);
      if (actions.has(transaction.actionId)) problems.push(`${transaction.actionId} was done twice`);
      actions.add(transaction.actionId);
    }
  }
  return problems;
}

describe('one owner of nonces, on a chain that loses, forgets, reorganises and grows dear', () => {
  it('has each of 1,000 nonces mined once, and the record names what was mined', () => {
    const lives = Array.from({ length: 5 }, (_, seed) => live(`chain-account/${seed}`, 200));
    expect(lives.flatMap(({ problems }) => problems)).toEqual([]);
    const total = (of: (life: Life) => number): number => lives.reduce((sum, life) => sum + of(life), 0);
    // Each kind of fault has befallen it, or the faults are none.
    expect(total(({ counts }) => counts.crashes)).toBeGreaterThan(100);
    expect(total(({ counts }) => counts.lostCalls)).toBeGreaterThan(100);
    expect(total(({ counts }) => counts.undone)).toBeGreaterThan(20);
    expect(total(({ attempts }) => attempts)).toBeGreaterThan(1_050);
    expect(total(({ cancelled }) => cancelled)).toBeGreaterThan(5);
    process.stdout.write(
      `chain account: 1,000 intents, ${total(({ attempts }) => attempts)} attempts, ` +
        `${total(({ counts }) => counts.crashes)} crashes, ${total(({ counts }) => counts.lostCalls)} lost calls, ` +
        `${total(({ counts }) => counts.undone)} inclusions undone, ${total(({ cancelled }) => cancelled)} cancelled\n`,
    );
  });

  it.each([
    ['sends-before-it-is-on-record', 'what was mined is not on record'],
    ['takes-first-block-as-final', 'halted: FINALITY_BROKEN'],
  ] as const)('would be caught in the first life if it %s', (planted, problem) => {
    expect(live('chain-account/planted', 100, planted).problems.join('\n')).toContain(problem);
  });
});
