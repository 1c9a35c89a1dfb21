import { anvilBinary } from '@evenkeel/adapter-chain-evm';
import { Artifact } from './artifact';
import type { Deployed, Outcome, TestChain } from './test-chain';

export const HOUR = 3_600n;
export const DAY = 86_400n;
export const UNIT = 1_000_000n;

export const TERMS = {
  managementBps: 200n,
  performanceBps: 2_000n,
  maxMoveBps: 500n,
  minEpochSeconds: HOUR,
  settleWithinSeconds: DAY,
  maxValueAgeSeconds: HOUR,
};
export type VaultTerms = typeof TERMS;

/** In the order of the contract. */
export const PHASES = ['FUTURE', 'OPEN', 'CLOSED', 'VOID', 'SETTLED', 'FUNDED'] as const;
export type Phase = (typeof PHASES)[number];

export interface Posted {
  readonly epoch?: bigint;
  readonly flows?: bigint;
  readonly struckAt?: bigint;
  readonly journalSequence?: bigint;
  readonly treeRoot?: Uint8Array;
}

/** A vault on a token that can be odd, with an account for each role and some holders. */
export class VaultFixture {
  private sequence = 0n;

  private constructor(
    readonly chain: TestChain,
    readonly token: Deployed,
    readonly vault: Deployed,
    private readonly bookAddress: string,
  ) {}

  static async deploy(
    chain: TestChain,
    terms: VaultTerms = TERMS,
    on: { readonly token?: Deployed; readonly book?: string } = {},
  ): Promise<VaultFixture> {
    const token = on.token ?? (await chain.deploy(Artifact.ours('OddToken'), 'USDC', 6n));
    const book = on.book ?? chain.account(3);
    const vault = await chain.deploy(Artifact.ours('EpochVault'), {
      asset: token.address,
      name: 'Evenkeel vault',
      symbol: 'EKV',
      owner: chain.account(0),
      operator: chain.account(1),
      guardian: chain.account(2),
      book,
      feeRecipient: chain.account(4),
      ...terms,
    });
    return new VaultFixture(chain, token, vault, book);
  }

  readonly owner = (): string => this.chain.account(0);
  readonly operator = (): string => this.chain.account(1);
  readonly guardian = (): string => this.chain.account(2);
  readonly book = (): string => this.bookAddress;
  readonly fees = (): string => this.chain.account(4);
  readonly holder = (index: number): string => this.chain.account(5 + index);

  /** Gives an account tokens that the vault may take. */
  async give(account: string, amount: bigint): Promise<void> {
    await this.token.send(this.owner(), 'mint', account, amount);
    await this.token.send(account, 'approve', this.vault.address, (1n << 256n) - 1n);
  }

  async deposit(account: string, amount: bigint): Promise<bigint> {
    await this.give(account, amount);
    return this.vault.send(account, 'requestDeposit', amount);
  }

  close(): Promise<bigint> {
    return this.vault.send(this.operator(), 'closeEpoch');
  }

  /** Posts a value for the epoch that was closed last, struck in the block that settles. */
  async post(value: bigint, posted: Posted = {}, at?: bigint): Promise<Outcome> {
    const time = at ?? (await this.chain.now()) + 2n * HOUR;
    const [current, flows] = await this.vault.readAll([['currentEpoch'], ['flows']]);
    await this.chain.setNext(time);
    this.sequence += 1n;
    return this.vault.try(this.operator(), 'settle', {
      epoch: BigInt(String(current)) - 1n,
      value,
      flows: BigInt(String(flows)),
      struckAt: time,
      journalSequence: this.sequence,
      treeRoot: new Uint8Array(32).fill(7),
      ...posted,
    });
  }

  /** Closes the open epoch and settles it at this value of the book; gas of settling. */
  async settle(value: bigint): Promise<bigint> {
    await this.close();
    const { gas, reverted } = await this.post(value);
    if (reverted !== undefined) throw new Error(`settling was refused: ${reverted}`);
    return gas;
  }

  async phase(epoch: bigint): Promise<Phase> {
    return PHASES[Number(await this.vault.number('phaseOf', epoch))] ?? 'FUTURE';
  }

  balance(account: string): Promise<bigint> {
    return this.token.number('balanceOf', account);
  }

  shares(account: string): Promise<bigint> {
    return this.vault.number('balanceOf', account);
  }

  /** What the book made or lost. */
  async earn(amount: bigint): Promise<void> {
    if (amount >= 0n) await this.token.send(this.owner(), 'mint', this.book(), amount);
    else await this.token.send(this.book(), 'transfer', this.owner(), -amount);
  }

  async fund(amount: bigint): Promise<bigint> {
    await this.token.send(this.book(), 'approve', this.vault.address, amount);
    return this.vault.send(this.book(), 'fund', amount);
  }
}

/** Specs that need the node: where it is missing they say so and are skipped. */
export const describeWithChain: typeof describe | typeof describe.skip =
  anvilBinary() === undefined ? describe.skip : describe;
if (anvilBinary() === undefined)
  process.stderr.write(
    `skipped: no anvil for ${process.platform}-${process.arch} among the optional packages\n`,
  );
