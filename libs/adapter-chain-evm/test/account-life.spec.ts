import { createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import type { ChainAccountEvent, WantedAction } from '@evenkeel/execution';
import { blocksRestedOn } from '@evenkeel/execution';
import { AccountHost, accountOnRecord, blockToFollowFrom } from '../src/account-host';
import type { AccountPorts } from '../src/account-host';
import { ChainWatch } from '../src/chain-watch';
import { readCount } from '../src/hex';
import { NodeSilent } from '../src/json-rpc';
import { NO_FAULTS } from '../src/local-chain/faulty-node';
import { NodeBlocks } from '../src/node-blocks';
import { ROUTER } from '../src/uniswap-calls';
import { GWEI, SendingDesk, WHOLE } from './sending-desk';
import { describeWithAnvil, sized } from './with-anvil';

const FINALITY = 4;
const INTENTS = sized(1_000, 40);
const SEED = process.env['EK_SEED'] ?? 'account-life';
const COIN_USD = '2500';

class Crash extends Error {}

interface Counts {
  crashes: number;
  silences: number;
  reorganisations: number;
  dropped: number;
  spikes: number;
}

/** An execution process that dies between any two steps, and is started anew from its record. */
class MortalOwner {
  readonly journal: ChainAccountEvent[] = [];
  readonly counts: Counts = { crashes: 0, silences: 0, reorganisations: 0, dropped: 0, spikes: 0 };
  /** Number of the highest block there was. */
  highest = 0;
  private host: AccountHost | undefined;

  constructor(
    private readonly desk: SendingDesk,
    private readonly random: Random,
    private readonly crash: number,
  ) {}

  /** What `work` does; undefined where the process died in it, or no node answered. */
  async survive<T>(work: (host: AccountHost) => Promise<T>): Promise<T | undefined> {
    try {
      return await work((this.host ??= await this.started()));
    } catch (error) {
      if (error instanceof Crash) this.counts.crashes += 1;
      else if (error instanceof NodeSilent) this.counts.silences += 1;
      else throw error;
      this.host = undefined;
      return undefined;
    }
  }

  get state(): AccountHost['state'] {
    return accountOnRecord(this.journal);
  }

  private async started(): Promise<AccountHost> {
    const { desk } = this;
    const account = accountOnRecord(this.journal);
    const blocks = new NodeBlocks(desk.nodes[0]);
    const head = await blocks.head();
    const finalized = (await blocks.at(Math.max(account.finalTo, head.number - FINALITY))) ?? head;
    const from = await blockToFollowFrom(account, blocks, finalized);
    const settings = { finality: { depth: FINALITY }, addresses: [], from };
    const watched = { account: desk.sender.address, tokens: desk.tokens, restedOn: blocksRestedOn(account) };
    const watch = new ChainWatch(desk.nodes, settings, watched);
    return new AccountHost(account, this.ports(watch));
  }

  private ports(watch: ChainWatch): AccountPorts {
    const { sender } = this.desk;
    return {
      watch,
      way: 'public',
      record: {
        append: (events) => {
          this.mayDie();
          this.journal.push(...events);
          this.mayDie();
          return Promise.resolve();
        },
      },
      sender: {
        address: sender.address,
        sign: async (transaction, wanted) => {
          this.mayDie();
          const hash = await sender.sign(transaction, wanted);
          this.mayDie();
          return hash;
        },
        broadcast: async (hash, way) => {
          this.mayDie();
          const sent = await sender.broadcast(hash, way);
          this.mayDie();
          return sent;
        },
      },
    };
  }

  private mayDie(): void {
    if (this.random.next() < this.crash) throw new Crash('between two steps');
  }
}

describeWithAnvil('the life of an account', () => {
  let desk: SendingDesk;
  beforeAll(async () => {
    desk = await SendingDesk.open();
    for (let block = 0; block <= FINALITY; block += 1) await desk.block();
  });
  afterAll(() => desk.close());

  const actionOf = (index: number): WantedAction => {
    const [tokenIn, tokenOut] = index % 2 === 0 ? desk.tokens : [...desk.tokens].reverse();
    const route = [tokenIn ?? '', tokenOut ?? '', 500n, desk.sender.address, 1n << 40n, WHOLE / 100n];
    return {
      ...{ actionId: `order-${index}`, action: 'swap', serves: [`order-${index}`], value: '0' },
      ...{ to: desk.uniswap.router, data: ROUTER.exactInputSingle.encode([...route, 0n, 0n]) },
      ...{ gasLimit: 250_000, gasParts: [{ name: 'quoted', value: 250_000, unit: 'gas' }] },
    };
  };

  it(
    `has each nonce of ${INTENTS} intents used once on a real chain that loses, forgets, reorganises and grows dear`,
    async () => {
      const random = createRandom(SEED);
      const weather = random.fork('weather');
      const owner = new MortalOwner(desk, random.fork('owner'), 0.02);
      const first = await desk.nonce();
      await adopt(desk, owner, first);
      for (const node of desk.world.nodes)
        node.faults = { lostBefore: 0.01, lostAfter: 0.01, replayed: 0.02 };
      let wanted = 0;
      for (let round = 0; wanted < INTENTS || owner.state.uses.size > 0; round += 1) {
        if (round > INTENTS * 20 || owner.state.halted !== undefined)
          throw new Error(`${owner.state.uses.size} nonces wait for ever, halted: ${owner.state.halted}`);
        await owner.survive((host) => host.step(COIN_USD));
        if (wanted < INTENTS) {
          const said = await owner.survive((host) => host.want(actionOf(wanted)));
          if (said === 'intended' || said === 'ALREADY_OPEN' || said === 'ALREADY_DONE') wanted += 1;
        }
        await disturb(desk, owner, weather);
        await desk.world.mine();
        await desk.world.sync();
      }
      for (const node of desk.world.nodes) node.faults = NO_FAULTS;
      await judge(desk, owner, first);
      const { crashes, silences, reorganisations, dropped, spikes } = owner.counts;
      const of = (type: ChainAccountEvent['type']): number =>
        owner.journal.filter((event) => event.type === type).length;
      process.stdout.write(
        `account life (seed ${SEED}): ${INTENTS} intents, ${of('TransactionIntended')} attempts, ${crashes} crashes, ` +
          `${silences} silences, ${reorganisations} reorganisations, ${of('TransactionReorged')} inclusions undone, ` +
          `${dropped} dropped, ${spikes} spikes, ${of('TransactionReverted')} reverted\n`,
      );
      expect(crashes).toBeGreaterThan(INTENTS / 40);
      expect(of('TransactionIntended')).toBeGreaterThanOrEqual(INTENTS);
    },
    sized(1_800_000, 120_000),
  );
});

async function adopt(desk: SendingDesk, owner: MortalOwner, nonce: number): Promise<void> {
  const blocks = new NodeBlocks(desk.nodes[0]);
  const head = await blocks.head();
  const final = (await blocks.at(head.number - FINALITY)) ?? head;
  const { address } = desk.sender;
  const { chainId } = desk.world.chain.anvil;
  const rules = { finalityBlocks: FINALITY, maxOpen: 3, replaceAfterBlocks: 2, maxAttempts: 5 };
  owner.journal.push({
    type: 'ChainAccountAdopted',
    payload: {
      ...{ account: `${chainId}:${address}`, book: 'desk', chainId, address, coin: 'ETH', nonce },
      block: { number: final.number, hash: final.hash },
      rules: { ...rules, maxActionUsd: '150', maxDayUsd: '10000000' },
      at: '2026-01-05T00:00:00Z',
    },
  });
}

async function disturb(desk: SendingDesk, owner: MortalOwner, weather: Random): Promise<void> {
  const { world } = desk;
  if (weather.next() < 0.03) {
    owner.counts.spikes += 1;
    await world.setBaseFee(60n * GWEI + BigInt(weather.integer(100)) * GWEI);
  }
  const [waiting] = world.pool.all();
  if (waiting !== undefined && weather.next() < 0.05) {
    owner.counts.dropped += 1;
    world.pool.drop(waiting.hash);
  }
  const head = readCount(await world.chain.node.call('eth_blockNumber'));
  owner.highest = Math.max(owner.highest, head);
  const depth = 1 + weather.integer(FINALITY - 1);
  // What was final once stays, however many reorganisations follow each other.
  if (weather.next() < 0.05 && head - depth > owner.highest - FINALITY) {
    owner.counts.reorganisations += 1;
    await world.takeBack(depth, { returns: weather.next() < 0.6 });
  }
}

/** Knows nothing of the core: what the chain holds, beside what the record says of it. */
async function judge(desk: SendingDesk, owner: MortalOwner, first: number): Promise<void> {
  expect(owner.state.halted).toBeUndefined();
  expect(await desk.nonce()).toBe(first + INTENTS);
  const signed = new Map<string, number>();
  const final = new Map<number, string>();
  for (const { type, payload } of owner.journal) {
    if (type === 'TransactionSigned') signed.set(payload.hash, payload.nonce);
    if (type !== 'TransactionFinal') continue;
    expect(final.has(payload.nonce)).toBe(false);
    final.set(payload.nonce, payload.hash);
  }
  const mined = new Map<number, string>();
  for (const [hash, nonce] of signed) {
    const receipt = await desk.world.chain.node.call('eth_getTransactionReceipt', [hash]);
    if (receipt === null) continue;
    expect(mined.has(nonce)).toBe(false);
    mined.set(nonce, hash);
  }
  expect([...mined].sort(([a], [b]) => a - b)).toEqual([...final].sort(([a], [b]) => a - b));
  expect(mined.size).toBe(INTENTS);
  const actions = [...mined].map(([nonce]) =>
    owner.journal.find(({ type, payload }) => type === 'TransactionIntended' && payload.nonce === nonce),
  );
  expect(
    new Set(actions.map((event) => event?.type === 'TransactionIntended' && event.payload.actionId)).size,
  ).toBe(INTENTS);
}
