import { createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import { START, TestChain } from './test-chain';
import { DAY, HOUR, TERMS, VaultFixture, describeWithChain } from './vault-fixture';
import { VaultModel, of } from './vault-model';

const FULL = process.env['EK_SOAK'] === '1';
const OPERATIONS = FULL ? 10_000 : 400;
const SEED = process.env['EK_SEED'] ?? 'vault-1';
const HOLDERS = 6;

type Act = readonly [who: string, name: string, values: readonly bigint[], expected: string | undefined];

/** Some amount up to `most`, small and whole ones often. */
function amountOf(random: Random, most: bigint): bigint {
  const kind = random.integer(5);
  if (most <= 0n || kind === 0) return BigInt(random.integer(3));
  if (kind === 1) return most;
  return (most * BigInt(random.integer(1_000_000))) / 1_000_000n;
}

class Parity {
  readonly random = createRandom(SEED);
  readonly kinds = new Map<string, number>();
  readonly differences: string[] = [];
  refused = 0;
  now: bigint;

  constructor(
    readonly fixture: VaultFixture,
    readonly model: VaultModel,
    start: bigint,
  ) {
    this.now = start;
  }

  /** One act of somebody, in the model and on the chain; then everything that it may have changed is compared. */
  async step(): Promise<void> {
    this.now += BigInt(1 + this.random.integer(this.random.integer(40) === 0 ? 100_000 : 900));
    const act = await this.chosen();
    if (act === undefined) return;
    const [who, name, values, expected] = act;
    await this.fixture.chain.setNext(this.now);
    const { reverted } =
      name === 'settle'
        ? await this.fixture.post(values[0] ?? 0n, {}, this.now)
        : await this.fixture.vault.try(who, name, ...values);
    const found = reverted?.startsWith('0x4e487b71') === true ? 'panic' : reverted;
    const outcome = `${name} ${expected === undefined ? 'done' : 'refused'}`;
    this.kinds.set(outcome, (this.kinds.get(outcome) ?? 0) + 1);
    if (found !== expected) this.differences.push(`${name}: ${found ?? 'done'}, not ${expected ?? 'done'}`);
    if (expected !== undefined) this.refused += 1;
    await this.compare(who);
  }

  private async chosen(): Promise<Act | undefined> {
    const { model, random, fixture } = this;
    const [holder, epoch] = this.request();
    const operator = fixture.operator();
    const kind = random.integer(14);
    if (kind <= 2) {
      const assets = amountOf(random, 10n ** BigInt(1 + random.integer(12)));
      await fixture.token.send(fixture.owner(), 'mint', holder, assets);
      model.mint(holder, assets);
      return [holder, 'requestDeposit', [assets], model.deposit(holder, assets)];
    }
    if (kind <= 4) {
      const shares = amountOf(random, of(model.shares, holder));
      return [holder, 'requestRedeem', [shares], model.redeem(holder, shares)];
    }
    if (kind === 5) return [holder, 'takeBack', [BigInt(epoch)], model.takeBack(holder, epoch, this.now)];
    if (kind <= 7) {
      // Closing and settling in turn, and sometimes out of turn.
      const closed = model.phaseOf(model.current - 1, this.now) === 'CLOSED';
      if (closed === random.integer(6) > 0) return this.settling(operator);
      return [operator, 'closeEpoch', [], model.close(this.now)];
    }
    if (kind <= 9) return [holder, 'claimShares', [BigInt(epoch)], model.claimShares(holder, epoch)];
    if (kind === 10) return [holder, 'claimAssets', [BigInt(epoch)], model.claimAssets(holder, epoch)];
    if (kind === 11) {
      const assets = amountOf(random, model.idle);
      return [operator, 'deploy', [assets], model.deploy(assets)];
    }
    if (kind === 12) {
      const assets = amountOf(random, model.owed - model.funded) + BigInt(random.integer(8) === 0 ? 1 : 0);
      return [fixture.book(), 'fund', [assets], model.fund(assets)];
    }
    return this.donated();
  }

  /** A holder and an epoch: often ones with something to claim or to take back. */
  private request(): readonly [holder: string, epoch: number] {
    const { model, random } = this;
    for (let tries = 0; ; tries += 1) {
      const holder = this.fixture.holder(random.integer(HOLDERS));
      const epoch = Math.max(1, model.current - random.integer(5));
      const { depositOf, redemptionOf } = model.epoch(epoch);
      if (tries === 4 || of(depositOf, holder) + of(redemptionOf, holder) > 0n) return [holder, epoch];
    }
  }

  /** The book made or lost something; every fifth value is beyond the limit and undone. */
  private async settling(operator: string): Promise<Act> {
    const { model, random, fixture } = this;
    const book = of(model.tokens, fixture.book());
    const most = random.integer(5) === 0 ? 1_500 : 400;
    const change = (book * BigInt(random.integer(2 * most) - most)) / 10_000n;
    const expected = model.settle(book + change, this.now);
    if (expected === undefined) {
      await fixture.earn(change);
      model.mint(fixture.book(), change);
      await fixture.chain.setNext(this.now);
    }
    return [operator, 'settle', [book + change], expected];
  }

  private async donated(): Promise<undefined> {
    const assets = amountOf(this.random, 10n ** 12n);
    await this.fixture.token.send(this.fixture.owner(), 'mint', this.fixture.vault.address, assets);
    this.model.mint(this.fixture.vault.address, assets);
    await this.compare(this.fixture.holder(0));
  }

  private async compare(who: string): Promise<void> {
    const { model, fixture } = this;
    const last = Math.max(1, model.current - 1);
    const epoch = model.epoch(last);
    const [vaultSide, tokens, atVault] = await Promise.all([
      fixture.vault.readAll([
        ['totalSupply'],
        ['totalAssets'],
        ['idle'],
        ['owed'],
        ['funded'],
        ['flows'],
        ['markNumerator'],
        ['markDenominator'],
        ['currentEpoch'],
        ['balanceOf', who],
        ['balanceOf', fixture.vault.address],
        ['balanceOf', fixture.fees()],
        ['convertToAssets', 10n ** 15n],
        ['convertToShares', 10n ** 9n],
        ['epochs', BigInt(last)],
      ]),
      fixture.balance(who),
      fixture.balance(fixture.vault.address),
    ]);
    const epochs = vaultSide.pop() as Readonly<Record<string, bigint>>; // a structure by its members' names
    const theirs = [
      ...vaultSide,
      ...['deposits', 'redemptions', 'numerator', 'denominator', 'owedUpTo'].map((name) => epochs[name]),
      tokens,
      atVault,
    ];
    const [assets, shares] = [model.totalAssets + 1n, model.supply + 1_000_000n];
    const ours = [
      model.supply,
      model.totalAssets,
      model.idle,
      model.owed,
      model.funded,
      model.flows,
      model.mark.numerator,
      model.mark.denominator,
      BigInt(model.current),
      of(model.shares, who),
      of(model.shares, fixture.vault.address),
      of(model.shares, fixture.fees()),
      (10n ** 15n * assets) / shares,
      (10n ** 9n * shares) / assets,
      epoch.deposits,
      epoch.redemptions,
      epoch.price?.numerator ?? 0n,
      epoch.price?.denominator ?? 0n,
      epoch.owedUpTo,
      of(model.tokens, who),
      of(model.tokens, fixture.vault.address),
    ];
    ours.forEach((value, index) => {
      if (value !== theirs[index])
        this.differences.push(`value ${index}: ${String(theirs[index])}, not ${value}`);
    });
  }
}

describeWithChain('vault: contract and arithmetic in TypeScript', () => {
  let chain: TestChain;
  beforeAll(async () => {
    chain = await TestChain.start();
  });
  afterAll(() => chain.stop());

  it(
    `differ in nothing over ${OPERATIONS} operations (EK_SOAK=1: 10,000)`,
    async () => {
      const fixture = await VaultFixture.deploy(chain);
      for (let index = 0; index < HOLDERS; index += 1) await fixture.give(fixture.holder(index), 0n);
      await fixture.token.send(fixture.book(), 'approve', fixture.vault.address, (1n << 256n) - 1n);
      const model = new VaultModel(
        TERMS,
        await fixture.vault.number('settledAt'),
        fixture.vault.address,
        fixture.book(),
        fixture.fees(),
      );
      const parity = new Parity(fixture, model, START + DAY + HOUR);
      for (let done = 0; done < OPERATIONS; done += 1) await parity.step();
      const kinds = [...parity.kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map((pair) => pair.join(' '));
      process.stdout.write(
        `vault parity, seed ${SEED}: ${OPERATIONS} operations, ${parity.refused} of them refused by both, ` +
          `${parity.differences.length} differences; ${kinds.join(', ')}\n`,
      );
      expect(parity.differences.slice(0, 10)).toEqual([]);
      // An act that is never done is not compared.
      for (const name of [
        'requestRedeem',
        'takeBack',
        'closeEpoch',
        'settle',
        'claimShares',
        'claimAssets',
        'deploy',
        'fund',
      ])
        expect([name, parity.kinds.has(`${name} done`)]).toEqual([name, true]);
    },
    FULL ? 1_800_000 : 240_000,
  );
});
