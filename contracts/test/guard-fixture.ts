import { Artifact } from './artifact';
import type { Deployed, Outcome, TestChain } from './test-chain';
import { FAR, FEE, deployMarket, swap } from './uniswap';
import type { Market } from './uniswap';

export const USD = 1_000_000n;
export const WETH = 10n ** 18n;
export const USDC = 10n ** 6n;
export const PRICE = 3_000n;
export const HOUR = 3_600n;
export const DAY = 86_400n;
/** Sells and buys the coin. */
export const SELL = 1n;
export const BUY = 2n;

export const LIMITS = {
  tradeUsd: 30_000n * USD,
  volumePerDayUsd: 400_000n * USD,
  lossPerDayUsd: 400n * USD,
  lossPerTradeBps: 50n,
  heartbeatSeconds: 2n * HOUR,
};
const PRICE_AGE = 26n * HOUR;
const GRACE = HOUR;
/** What the treasury holds at first. */
export const COIN = 100n * WETH;
export const CASH = 300_000n * USDC;

export interface Leg {
  readonly route: bigint;
  readonly amountIn: bigint;
  readonly minimumOut: bigint;
}

/** A guard with a treasury on a real pool; somebody with much money stands beside it. */
export class GuardFixture {
  private constructor(
    readonly chain: TestChain,
    readonly market: Market,
    readonly guard: Deployed,
    readonly feeds: { readonly weth: Deployed; readonly usdc: Deployed; readonly sequencer: Deployed },
  ) {}

  readonly owner = (): string => this.chain.account(0);
  readonly operator = (): string => this.chain.account(1);
  readonly guardian = (): string => this.chain.account(2);
  readonly whale = (): string => this.chain.account(3);

  static async deploy(chain: TestChain): Promise<GuardFixture> {
    const [owner, operator, guardian, whale] = [0, 1, 2, 3].map((index) => chain.account(index)) as [
      string,
      string,
      string,
      string,
    ]; // four indices give four accounts
    const market = await deployMarket(chain, chain.account(4), PRICE, 10_000n);
    const guard = await chain.deploy(Artifact.ours('TreasuryGuard'), owner, operator, guardian, LIMITS);
    const feed = (decimals: bigint, answer: bigint): Promise<Deployed> =>
      chain.deploy(Artifact.ours('SettableFeed'), decimals, answer);
    const feeds = {
      weth: await feed(8n, PRICE * 10n ** 8n),
      usdc: await feed(8n, 10n ** 8n),
      sequencer: await feed(0n, 0n),
    };
    const { weth, usdc, router } = market;
    await guard.send(owner, 'listToken', weth.address, feeds.weth.address, PRICE_AGE);
    await guard.send(owner, 'listToken', usdc.address, feeds.usdc.address, PRICE_AGE);
    await guard.send(owner, 'listRoute', SELL, router.address, weth.address, usdc.address, FEE);
    await guard.send(owner, 'listRoute', BUY, router.address, usdc.address, weth.address, FEE);
    await guard.send(owner, 'setSequencer', feeds.sequencer.address, GRACE);
    await weth.send(owner, 'mint', guard.address, COIN);
    await usdc.send(owner, 'mint', guard.address, CASH);
    for (const [token, amount] of [
      [weth, 100_000n * WETH],
      [usdc, 300_000_000n * USDC],
    ] as const) {
      await token.send(owner, 'mint', whale, amount);
      await token.send(whale, 'approve', router.address, 1n << 255n);
    }
    const fixture = new GuardFixture(chain, market, guard, feeds);
    await chain.pass(2n * HOUR);
    await fixture.beat();
    return fixture;
  }

  /** The guardian beats and the feeds are written anew. */
  async beat(): Promise<void> {
    const now = await this.chain.now();
    await this.guard.send(this.guardian(), 'heartbeat');
    await this.feeds.weth.send(this.owner(), 'set', PRICE * 10n ** 8n, now, now);
    await this.feeds.usdc.send(this.owner(), 'set', 10n ** 8n, now, now);
  }

  hedge(leg: Partial<Leg> = {}, from = this.operator(), deadline = FAR): Promise<Outcome> {
    const { route = SELL, amountIn = WETH, minimumOut = 0n } = leg;
    return this.guard.try(from, 'hedge', route, amountIn, minimumOut, deadline);
  }

  hedgeMany(legs: readonly Leg[], from = this.operator()): Promise<Outcome> {
    return this.guard.try(
      from,
      'hedgeMany',
      legs as readonly (Leg & { readonly [name: string]: bigint })[],
      FAR,
    );
  }

  /** The whale sells (or buys) so much coin, in hundredths. */
  push(sells: boolean, hundredths: bigint): Promise<bigint> {
    const { weth, usdc } = this.market;
    return sells
      ? swap(this.market, this.whale(), weth, (hundredths * WETH) / 100n)
      : swap(this.market, this.whale(), usdc, (hundredths * PRICE * USDC) / 100n);
  }

  /** Of the treasury, at the true price, in millionths of a USD. */
  async worth(): Promise<bigint> {
    const { weth, usdc } = this.market;
    const [coin, cash] = await Promise.all([
      weth.number('balanceOf', this.guard.address),
      usdc.number('balanceOf', this.guard.address),
    ]);
    return (coin * PRICE * USD) / WETH + cash;
  }

  async allowances(): Promise<readonly bigint[]> {
    const { weth, usdc, router } = this.market;
    return Promise.all(
      [weth, usdc].map((token) => token.number('allowance', this.guard.address, router.address)),
    );
  }
}
