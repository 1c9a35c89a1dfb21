import { PAR, settleEpoch } from '@evenkeel/pools';
import type { EpochRefusal, EpochTerms, SharePrice } from '@evenkeel/pools';
import type { Phase } from './vault-fixture';

interface EpochModel {
  deposits: bigint;
  redemptions: bigint;
  closedAt: bigint;
  price?: SharePrice;
  owedUpTo: bigint;
  readonly depositOf: Map<string, bigint>;
  readonly redemptionOf: Map<string, bigint>;
}

const REVERTS: Readonly<Record<EpochRefusal, string>> = {
  INSOLVENT: 'Insolvent',
  MOVED_TOO_FAR: 'MovedTooFar',
  PRICE_OUT_OF_RANGE: 'PriceOutOfRange',
};

export interface ModelTerms extends EpochTerms {
  readonly settleWithinSeconds: bigint;
  readonly minEpochSeconds: bigint;
}

/**
 * What the contract should do, in TypeScript on the arithmetic of libs/pools. Each act answers with the error that it must end with, or
 * undefined where it must succeed.
 */
export class VaultModel {
  readonly epochs: EpochModel[] = [blank(), blank()];
  readonly shares = new Map<string, bigint>();
  readonly tokens = new Map<string, bigint>();
  supply = 0n;
  totalAssets = 0n;
  idle = 0n;
  owed = 0n;
  funded = 0n;
  flows = 0n;
  mark = PAR;

  constructor(
    private readonly terms: ModelTerms,
    private settledAt: bigint,
    private readonly vault: string,
    private readonly book: string,
    private readonly fees: string,
  ) {}

  get current(): number {
    return this.epochs.length - 1;
  }

  epoch(index: number): EpochModel {
    return this.epochs[index] ?? blank();
  }

  phaseOf(index: number, now: bigint): Phase {
    if (index === 0 || index > this.current) return 'FUTURE';
    if (index === this.current) return 'OPEN';
    const { price, owedUpTo, closedAt } = this.epoch(index);
    if (price !== undefined) return this.funded >= owedUpTo ? 'FUNDED' : 'SETTLED';
    return now > closedAt + this.terms.settleWithinSeconds ? 'VOID' : 'CLOSED';
  }

  deposit(holder: string, assets: bigint): string | undefined {
    if (assets === 0n) return 'NothingToDo';
    const epoch = this.epoch(this.current);
    move(this.tokens, holder, this.vault, assets);
    epoch.deposits += assets;
    add(epoch.depositOf, holder, assets);
    return undefined;
  }

  redeem(holder: string, shares: bigint): string | undefined {
    if (shares === 0n) return 'NothingToDo';
    if (of(this.shares, holder) < shares) return 'ERC20InsufficientBalance';
    const epoch = this.epoch(this.current);
    move(this.shares, holder, this.vault, shares);
    epoch.redemptions += shares;
    add(epoch.redemptionOf, holder, shares);
    return undefined;
  }

  takeBack(holder: string, index: number, now: bigint): string | undefined {
    const phase = this.phaseOf(index, now);
    if (phase !== 'OPEN' && phase !== 'VOID') return 'WrongPhase';
    const epoch = this.epoch(index);
    const [assets, shares] = [of(epoch.depositOf, holder), of(epoch.redemptionOf, holder)];
    if (assets === 0n && shares === 0n) return 'NothingToDo';
    epoch.deposits -= assets;
    epoch.redemptions -= shares;
    epoch.depositOf.delete(holder);
    epoch.redemptionOf.delete(holder);
    move(this.tokens, this.vault, holder, assets);
    move(this.shares, this.vault, holder, shares);
    return undefined;
  }

  close(now: bigint): string | undefined {
    if (this.phaseOf(this.current - 1, now) === 'CLOSED') return 'EpochUnsettled';
    this.epoch(this.current).closedAt = now;
    this.epochs.push(blank());
    return undefined;
  }

  settle(value: bigint, now: bigint): string | undefined {
    const index = this.current - 1;
    if (this.phaseOf(index, now) !== 'CLOSED') return 'WrongPhase';
    if (now < this.settledAt + this.terms.minEpochSeconds) return 'TooSoon';
    const epoch = this.epoch(index);
    const settled = settleEpoch(
      {
        value,
        idle: this.idle,
        unfunded: this.owed - this.funded,
        lastAssets: this.totalAssets,
        supply: this.supply,
        mark: this.mark,
        elapsedSeconds: now - this.settledAt,
        deposits: epoch.deposits,
        redemptions: epoch.redemptions,
      },
      this.terms,
    );
    if (typeof settled === 'string') return REVERTS[settled];
    epoch.price = settled.price;
    this.owed += settled.owed;
    this.funded += settled.funded;
    this.idle = settled.idle;
    this.totalAssets = settled.assets;
    this.supply = settled.supply;
    this.mark = settled.mark;
    this.settledAt = now;
    epoch.owedUpTo = this.owed;
    add(this.shares, this.fees, settled.feeShares);
    add(this.shares, this.vault, settled.minted - epoch.redemptions);
    return undefined;
  }

  claimShares(holder: string, index: number): string | undefined {
    const { price, depositOf } = this.epoch(index);
    if (price === undefined) return 'WrongPhase';
    const assets = of(depositOf, holder);
    if (assets === 0n) return 'NothingToDo';
    depositOf.delete(holder);
    move(this.shares, this.vault, holder, (assets * price.denominator) / price.numerator);
    return undefined;
  }

  claimAssets(holder: string, index: number): string | undefined {
    const { price, redemptionOf, owedUpTo } = this.epoch(index);
    if (price === undefined || this.funded < owedUpTo) return 'WrongPhase';
    const shares = of(redemptionOf, holder);
    if (shares === 0n) return 'NothingToDo';
    redemptionOf.delete(holder);
    move(this.tokens, this.vault, holder, (shares * price.numerator) / price.denominator);
    return undefined;
  }

  deploy(assets: bigint): string | undefined {
    if (assets === 0n) return 'NothingToDo';
    if (assets > this.idle) return 'panic';
    this.idle -= assets;
    this.flows += 1n;
    move(this.tokens, this.vault, this.book, assets);
    return undefined;
  }

  fund(assets: bigint): string | undefined {
    if (assets === 0n) return 'NothingToDo';
    if (assets > of(this.tokens, this.book)) return 'ERC20InsufficientBalance';
    if (assets > this.owed - this.funded) return 'MoreThanOwed';
    this.funded += assets;
    this.flows += 1n;
    move(this.tokens, this.book, this.vault, assets);
    return undefined;
  }

  mint(account: string, assets: bigint): void {
    add(this.tokens, account, assets);
  }
}

function blank(): EpochModel {
  return {
    deposits: 0n,
    redemptions: 0n,
    closedAt: 0n,
    owedUpTo: 0n,
    depositOf: new Map(),
    redemptionOf: new Map(),
  };
}

export function of(amounts: ReadonlyMap<string, bigint>, account: string): bigint {
  return amounts.get(account) ?? 0n;
}

function add(amounts: Map<string, bigint>, account: string, amount: bigint): void {
  amounts.set(account, of(amounts, account) + amount);
}

function move(amounts: Map<string, bigint>, from: string, to: string, amount: bigint): void {
  add(amounts, from, -amount);
  add(amounts, to, amount);
}
