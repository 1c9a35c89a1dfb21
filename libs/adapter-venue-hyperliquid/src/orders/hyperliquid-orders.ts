import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, Recent, failure, success, type Result } from '@evenkeel/kernel';
import { readOutcome } from '@evenkeel/venue-orders';
import type {
  AccountHoldings,
  Ask,
  CallOutcome,
  HttpCall,
  OrderDialect,
  OrderFill,
  OrderRef,
  OrderState,
  Protection,
  StreamAddress,
  StreamMessage,
} from '@evenkeel/venue-orders';
import {
  SECOND_NS,
  arrayField,
  asArray,
  asObject,
  decimalField,
  field,
  objectField,
  optionalText,
  textField,
} from '@evenkeel/venue-wire';
import type { Credentials, WireValue } from '@evenkeel/venue-wire';

import { HYPERLIQUID_PROTOCOL } from '../protocol';
import { Assets, OWN_MARKET, cloidOf, coinOf, idOf, info, marketOf } from './contracts';
import {
  AccountStream,
  GONE,
  isContract,
  readFills,
  readHyperliquidAnswer,
  readOrder,
  readTaken,
} from './private-messages';
import { addressOf, signAction, type Action } from './signing';
import { isOnGrid } from './price-rule';

export interface HyperliquidOrdersOptions {
  /** The account's address, and the private key of it or of an agent that it has approved. */
  readonly credentials: Credentials;
  readonly specifications: readonly InstrumentSpec[];
  /** The chain of real money. */
  readonly real: boolean;
  /** Seconds without a word from us after which the venue takes back what rests. */
  readonly disconnectSeconds: number;
}

const TIME_IN_FORCE: Readonly<Record<string, string>> = { IOC: 'Ioc', GTC: 'Gtc', POST_ONLY: 'Alo' };
/** An action that arrives later is refused by the venue. */
const EXPIRES_MS = 5_000;
const ADDRESS_AGAIN_MS = 3_600_000;
const REMEMBERED = 10_000;
const EXCHANGE = '/exchange';

const act = (action: Action): HttpCall => ({ method: 'POST', path: EXCHANGE, body: JSON.stringify(action) });

/** Orders at Hyperliquid: perpetuals of the venue and of builders, signed by the account's key or by an agent's. */
export class HyperliquidOrders implements OrderDialect {
  readonly venue = 'hyperliquid';
  readonly stream = {
    ...HYPERLIQUID_PROTOCOL,
    greeting: () => {
      this.account.reset();
      return ['orderUpdates', 'userFills'].map((type) =>
        JSON.stringify({ method: 'subscribe', subscription: { type, user: this.user } }),
      );
    },
  };
  readonly restUrl = 'https://api.hyperliquid.xyz';
  /** 1200 points a minute for an address: an action is one, most questions two, lists twenty. */
  readonly pace = {
    orders: { capacity: 50, refillNs: SECOND_NS / 5n },
    questions: { capacity: 20, refillNs: SECOND_NS },
  };
  readonly arrivesWithinMs = EXPIRES_MS + 1_000;
  readonly subscribe: readonly string[] = [];
  readonly subscriptions = 0;
  /** Anybody may listen to an account; whether the key may act for it, and the numbers of what trades, are asked before. */
  readonly address: StreamAddress = {
    path: (ask) => this.introduce(ask),
    everyMs: ADDRESS_AGAIN_MS,
    isDue: false,
  };
  private readonly user: string;
  private readonly signer: string;
  private readonly assets: Assets;
  private readonly account: AccountStream;
  private readonly immediate = new Recent<true>(REMEMBERED);
  /** The account is a sub-account or a vault, for which its master signs. */
  private actsFor: string | undefined;
  private lastNonce = 0;

  constructor(private readonly options: HyperliquidOrdersOptions) {
    const { credentials, specifications } = options;
    this.user = credentials.key.toLowerCase();
    this.signer = addressOf(credentials.revealSecret());
    this.assets = new Assets(specifications.map(({ id }) => id));
    this.account = new AccountStream((id) => this.immediate.get(id) === true);
  }

  get protection(): Protection {
    const { disconnectSeconds } = this.options;
    return {
      what: `${disconnectSeconds} s without a word`,
      // The time is set when it is signed.
      arm: [act({ type: 'scheduleCancel', time: disconnectSeconds * 1000 })],
      everyMs: Math.floor((disconnectSeconds * 1000) / 3),
      disarm: [act({ type: 'scheduleCancel' })],
    };
  }

  headers(): Readonly<Record<string, string>> {
    return {};
  }

  sign(call: HttpCall, nowMs: number): HttpCall {
    if (call.path !== EXCHANGE || call.body === undefined) return call;
    const written = JSON.parse(call.body) as Action; // as `act` wrote it
    const { type, time } = written;
    const isTimed = type === 'scheduleCancel' && typeof time === 'number';
    const action = isTimed ? { type, time: nowMs + time } : written;
    this.lastNonce = Math.max(nowMs, this.lastNonce + 1);
    const terms = {
      action,
      nonce: this.lastNonce,
      expiresAfter: nowMs + EXPIRES_MS,
      ...(this.actsFor === undefined ? {} : { vaultAddress: this.actsFor }),
    };
    const { credentials, real } = this.options;
    const signature = signAction(credentials.revealSecret(), terms, real);
    return { ...call, body: JSON.stringify({ ...terms, signature }) };
  }

  readAnswer(status: number, text: string): CallOutcome {
    return readHyperliquidAnswer(status, text);
  }

  readStream(text: string): Result<StreamMessage> {
    return this.account.read(text);
  }

  prepare(): Promise<Result<void>> {
    return Promise.resolve(
      this.account.heard
        ? success(undefined)
        : failure('VENUES.NO_ANSWER', 'the streams of the account are not confirmed yet'),
    );
  }

  /** Whether the key may act for the account, and how. */
  private async introduce(ask: Ask): Promise<Result<string>> {
    const listed = await this.assets.load(ask);
    if (!listed.ok) return listed;
    if (this.signer === this.user) return success('');
    const [own, signer] = [await this.roleOf(ask, this.user), await this.roleOf(ask, this.signer)];
    if (!own.ok) return own;
    if (!signer.ok) return signer;
    const master = own.value.role === 'subAccount' ? own.value.of : this.user;
    const may = this.signer === master || (signer.value.role === 'agent' && signer.value.of === master);
    if (!may)
      return failure(
        'VENUES.ACCOUNT_MODE',
        `SIGNER ${this.signer} is no agent of ${this.user}: approve it there, or give the key of one that is`,
      );
    this.actsFor = master === this.user ? undefined : this.user;
    return success('');
  }

  private async roleOf(ask: Ask, user: string) {
    return readOutcome(await ask(info({ type: 'userRole', user })), (result) => {
      const answer = asObject(result, 'userRole');
      const role = textField(answer, 'role');
      const data = field(answer, 'data') === undefined ? undefined : objectField(answer, 'data');
      const of =
        data === undefined ? undefined : (optionalText(data, 'user') ?? optionalText(data, 'master'));
      return { role, of: of?.toLowerCase() };
    });
  }

  place(order: VenueOrder): HttpCall | string {
    const { clientOrderId, instrument, side } = order;
    const asset = this.assets.get(coinOf(instrument));
    const tif = TIME_IN_FORCE[order.timeInForce];
    if (asset === undefined || tif === undefined || order.limitPrice === undefined)
      return 'ORDER_NOT_SUPPORTED';
    const cloid = cloidOf(clientOrderId);
    if (cloid === undefined && clientOrderId !== '') return 'CLIENT_ORDER_ID_NOT_SUPPORTED';
    const [price, size] = [Decimal.parse(order.limitPrice), Decimal.parse(order.quantity)];
    if (!isOnGrid(price, size, asset.sizeDecimals)) return 'PRICE_OR_SIZE_NOT_ON_GRID';
    if (tif === 'Ioc') this.immediate.set(clientOrderId, true);
    const terms = {
      a: asset.number,
      b: side === 'buy',
      p: price.toString(),
      s: size.toString(),
      r: false,
      t: { limit: { tif } },
      ...(cloid === undefined ? {} : { c: cloid }),
    };
    return act({ type: 'order', orders: [terms], grouping: 'na' });
  }

  readPlaced(result: WireValue): string {
    return readTaken(result);
  }

  /**
   * Its `modify` is a cancel and a new order of the size that is given: what fills while it is on its way would come on top. An order
   * keeps its terms until it is taken back.
   */
  amend(): string {
    return 'AMEND_NOT_SUPPORTED';
  }

  cancel({ clientOrderId, venueOrderId, instrument }: OrderRef): HttpCall | string {
    const asset = this.assets.get(coinOf(instrument))?.number;
    if (asset === undefined) return `${instrument} is in no market that is traded`;
    const cloid = cloidOf(clientOrderId);
    return cloid === undefined
      ? act({ type: 'cancel', cancels: [{ a: asset, o: Number(venueOrderId ?? clientOrderId) }] })
      : act({ type: 'cancelByCloid', cancels: [{ asset, cloid }] });
  }

  isGone(code: string): boolean {
    return code === GONE;
  }

  async cancelAll(ask: Ask): Promise<Result<void>> {
    const open = await this.openOrders(ask);
    if (!open.ok) return open;
    const cancels = open.value.flatMap(({ instrument, venueOrderId }) => {
      const asset = this.assets.get(coinOf(instrument));
      return asset === undefined ? [] : [{ a: asset.number, o: Number(venueOrderId) }];
    });
    if (cancels.length === 0) return success(undefined);
    const outcome = await ask(act({ type: 'cancel', cancels }));
    if (outcome.outcome === 'refused' && this.isGone(outcome.code)) return success(undefined);
    return readOutcome(outcome, () => undefined);
  }

  async find(
    ask: Ask,
    { clientOrderId }: { readonly clientOrderId: string },
  ): Promise<Result<OrderState | undefined>> {
    const oid = cloidOf(clientOrderId) ?? Number(clientOrderId);
    return readOutcome(await ask(info({ type: 'orderStatus', user: this.user, oid })), (result) => {
      const answer = asObject(result, 'orderStatus');
      if (textField(answer, 'status') === 'unknownOid') return undefined;
      const found = objectField(answer, 'order');
      return readOrder(
        objectField(found, 'order'),
        textField(found, 'status'),
        (id) => this.immediate.get(id) === true,
      );
    });
  }

  /** Of the last two thousand of the account. */
  async fills(ask: Ask, { venueOrderId, clientOrderId }: OrderState): Promise<Result<OrderFill[]>> {
    return readOutcome(await ask(info({ type: 'userFills', user: this.user })), (result) =>
      readFills(result)
        .filter((fill) => fill.venueOrderId === venueOrderId)
        .map((fill) => ({ ...fill, clientOrderId })),
    );
  }

  async openOrders(ask: Ask): Promise<Result<OrderState[]>> {
    const all: OrderState[] = [];
    for (const market of this.assets.markets) {
      const call = info({ type: 'frontendOpenOrders', user: this.user, ...inMarket(market) });
      const open = readOutcome(await ask(call), (result) =>
        asArray(result, 'frontendOpenOrders')
          .map((item) => asObject(item, 'frontendOpenOrders'))
          .filter(isContract)
          .map((item) => readOrder(item, 'open', () => false)),
      );
      if (!open.ok) return open;
      all.push(...open.value);
    }
    return success(all);
  }

  async holdings(ask: Ask): Promise<Result<AccountHoldings>> {
    const positions: { instrument: string; quantity: string }[] = [];
    const cash = new Map<string, Decimal>();
    for (const market of this.assets.markets) {
      const call = info({ type: 'clearinghouseState', user: this.user, ...inMarket(market) });
      const held = readOutcome(await ask(call), readHeld);
      if (!held.ok) return held;
      positions.push(...held.value.positions);
      // Cash of what the contracts are paid in: each market keeps its own.
      const currency = this.currencyOf(market);
      if (currency !== undefined)
        cash.set(currency, (cash.get(currency) ?? Decimal.ZERO).plus(held.value.cash));
    }
    const balances = [...cash].map(([currency, amount]) => ({ currency, amount: amount.toString() }));
    return success({ positions, balances });
  }

  private currencyOf(market: string): string | undefined {
    const { specifications } = this.options;
    return specifications.find(({ id }) => marketOf(coinOf(id)) === market)?.settlement;
  }
}

const inMarket = (market: string): { readonly dex?: string } =>
  market === OWN_MARKET ? {} : { dex: market };

/** Signed contracts, and the cash beside them: the value of the account less what positions have made and not realised. */
function readHeld(result: WireValue) {
  const state = asObject(result, 'clearinghouseState');
  let cash = Decimal.parse(decimalField(objectField(state, 'marginSummary'), 'accountValue'));
  const positions = arrayField(state, 'assetPositions').flatMap((item) => {
    const position = objectField(asObject(item, 'assetPositions'), 'position');
    cash = cash.minus(Decimal.parse(decimalField(position, 'unrealizedPnl')));
    const quantity = Decimal.parse(decimalField(position, 'szi'));
    const instrument = idOf(textField(position, 'coin'));
    return quantity.isZero() ? [] : [{ instrument, quantity: quantity.toString() }];
  });
  return { positions, cash };
}
