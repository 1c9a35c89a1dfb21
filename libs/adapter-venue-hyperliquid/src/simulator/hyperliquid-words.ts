import { EndedAtOnce, isRefusal } from '@evenkeel/local-exchange';
import type {
  EndedOrder,
  OrderRequest,
  Refusal,
  SimAccounts,
  SimEvent,
  SimExchange,
  SimOrder,
  TimeInForce,
  VenueWords,
  WireAnswer,
  WireRequest,
  WireSession,
} from '@evenkeel/local-exchange';

import { marketOf } from '../orders/contracts';
import { addressOf, isAddress, signerOf, type ActionSignature, type SignedTerms } from '../orders/signing';
import { MarketList } from './market-list';
import { NonceRule } from './nonce-rule';
import {
  accountMessage,
  fillMessage,
  marketMessage,
  orderDetails,
  orderMessage,
  statusOf,
  tradeMessage,
  type Fields,
} from './sim-messages';

const STREAM = '/ws';
const SCHEDULE_AHEAD_MS = 5_000;
const USER_CHANNELS = new Set(['orderUpdates', 'userFills']);

/** What Hyperliquid answers where the exchange says no; it adds the number of the asset. */
const WORDS: Readonly<Record<Refusal, string>> = {
  instrument: 'Order has invalid asset.',
  amount: 'Order has invalid size.',
  tick: 'Order price must be divisible by tick size.',
  price: 'Order has invalid price.',
  'not-found': 'Order was never placed, already canceled, or filled.',
  'not-open': 'Order was never placed, already canceled, or filled.',
  maintenance: 'Trading is halted.',
  funds: 'Insufficient margin to place order.',
  'post-only': 'Post only order would have immediately matched.',
  'self-trade': 'Order would have matched an order of the same account.',
  'fill-or-kill': 'Order could not immediately match against any resting orders.',
  'reduce-only': 'Reduce only order would increase position.',
  duplicate: 'Order with this cloid was already placed.',
};
const NOTHING = WORDS['fill-or-kill'];

const TIME_IN_FORCE: Readonly<Record<string, TimeInForce>> = {
  Gtc: 'good_til_cancelled',
  Alo: 'good_til_cancelled',
  Ioc: 'immediate_or_cancel',
};

/** The venue numbers its orders. */
export const hyperliquidId =
  (from: number) =>
  (serial: number): string =>
    String(from + serial);

type Owner = { readonly name: string; readonly address: string; readonly signer: string };

/** Hyperliquid: signed actions at `/exchange`, questions at `/info`, the market and accounts at one WebSocket. */
export class HyperliquidWords implements VenueWords {
  readonly privatePath = STREAM;
  readonly feeds = { hyperliquid: STREAM };
  readonly tooMany = { status: 429, body: null };
  private readonly orders: EndedAtOnce;
  private readonly owners: readonly Owner[];
  private readonly markets: MarketList;
  private readonly nonces = new NonceRule();
  private readonly sessions = new Set<WireSession>();
  /** When the orders of an account are taken back. */
  private readonly scheduled = new Map<string, number>();

  constructor(
    private readonly exchange: SimExchange,
    accounts: SimAccounts,
    private readonly nowMs: () => number,
  ) {
    this.orders = new EndedAtOnce(exchange, hyperliquidId(90_000_000));
    this.markets = new MarketList(exchange);
    // An account that is named by its address is acted for by an agent, whose key it is.
    this.owners = accounts.clients.map(({ clientId, clientSecret }) => {
      const signer = addressOf(clientSecret);
      return { name: clientId, signer, address: isAddress(clientId) ? clientId.toLowerCase() : signer };
    });
  }

  places({ path, body }: WireRequest): boolean {
    return path === '/exchange' && body.includes('"type":"order"');
  }

  perform({ path, body }: WireRequest): WireAnswer {
    const given = readBody(body);
    if (given === undefined)
      return { status: 422, body: 'Failed to deserialize the JSON body into the target type' };
    if (path === '/info') return this.information(given);
    return path === '/exchange' ? this.act(given) : { status: 404, body: null };
  }

  private information(given: Fields): WireAnswer {
    const body = this.informationOf(given);
    return body === undefined ? { status: 422, body: 'unknown type' } : { status: 200, body };
  }

  private informationOf(given: Fields): unknown {
    const { type } = given;
    const market = textOf(given['dex']);
    if (type === 'meta') return this.markets.meta(market);
    if (type === 'allPerpMetas') return this.markets.all();
    if (type === 'perpDexs') return this.markets.names.map((name) => (name === '' ? null : { name }));
    const user = textOf(given['user']).toLowerCase();
    if (type === 'userRole') return this.roleOf(user);
    const owner = this.owners.find(({ address }) => address === user)?.name ?? '';
    const own = this.exchange.ordersOf(owner);
    switch (type) {
      case 'orderStatus':
        return this.statusFor(owner, given['oid']);
      case 'frontendOpenOrders':
        return own
          .filter(({ state, instrument }) => state === 'open' && marketOf(instrument) === market)
          .map((order) => ({ ...orderMessage(this.exchange, order), ...orderDetails(order) }));
      case 'userFills':
        return own.flatMap(({ trades }) => trades).map((trade) => fillMessage(this.exchange, trade));
      case 'clearinghouseState':
        return accountMessage(this.exchange, owner, this.markets.of(market), this.nowMs());
      default:
        return undefined;
    }
  }

  private roleOf(user: string): Fields {
    const agent = this.owners.find(({ signer, address }) => signer === user && address !== user);
    if (agent !== undefined) return { role: 'agent', data: { user: agent.address } };
    return { role: this.owners.some(({ address }) => address === user) ? 'user' : 'missing' };
  }

  private statusFor(owner: string, oid: unknown): Fields {
    const order = this.find(owner, oid);
    if (order === undefined) return { status: 'unknownOid' };
    const stated = { ...orderMessage(this.exchange, order), ...orderDetails(order) };
    return {
      status: 'order',
      order: { order: stated, status: statusOf(order), statusTimestamp: order.updatedMs },
    };
  }

  private find(owner: string, oid: unknown): SimOrder | EndedOrder | undefined {
    if (typeof oid === 'number') return this.exchange.order(owner, String(oid));
    const label = textOf(oid);
    return this.exchange.byLabel(owner, label).at(-1) ?? this.orders.ofLabel(owner, label).at(-1);
  }

  /** The signer is found by the signature alone: nothing else says who asks. */
  private act(given: Fields): WireAnswer {
    const { signature, ...terms } = given as unknown as SignedTerms & { signature: ActionSignature }; // looked at by its signature
    const signer = signerOf(terms, signature, true);
    const owner = this.owners.find((one) => one.signer === signer);
    if (owner === undefined) return failed(`User or API Wallet ${signer} does not exist.`);
    const now = this.nowMs();
    const wrong = this.nonces.take(owner.signer, terms.nonce, now);
    if (wrong !== undefined) return failed(wrong);
    if (terms.expiresAfter !== undefined && terms.expiresAfter < now) return failed('Action has expired.');
    return this.carryOut(owner.name, terms.action as Fields);
  }

  private carryOut(account: string, action: Fields): WireAnswer {
    const each = (items: unknown, how: (item: Fields) => unknown): WireAnswer =>
      done(textOf(action['type']), { data: { statuses: (items as Fields[]).map(how) } }); // lists, by the protocol
    switch (action['type']) {
      case 'order':
        return each(action['orders'], (item) => this.place(account, item));
      case 'cancel':
        return each(action['cancels'], ({ o }) => this.cancel(account, o));
      case 'cancelByCloid':
        return each(action['cancels'], ({ cloid }) => this.cancel(account, cloid));
      case 'scheduleCancel':
        return this.schedule(account, action['time']);
      default:
        return failed('Invalid action.');
    }
  }

  private place(account: string, item: Fields): unknown {
    const [coin, asset] = [this.markets.coinOf(Number(item['a'])), textOf(item['a'])];
    const tif = textOf(((item['t'] as Fields)['limit'] as Fields)['tif']); // limit orders are all that is taken
    const timeInForce = TIME_IN_FORCE[tif];
    if (coin === undefined || timeInForce === undefined) return no('instrument', asset);
    const request: OrderRequest = {
      instrument: coin,
      direction: item['b'] === true ? 'buy' : 'sell',
      amount: textOf(item['s']),
      type: 'limit',
      price: textOf(item['p']),
      label: textOf(item['c']),
      timeInForce,
      postOnly: tif === 'Alo',
      rejectPostOnly: true,
      reduceOnly: item['r'] === true,
    };
    const placed = this.orders.place(account, request, this.nowMs());
    if (isRefusal(placed)) return no(placed, asset);
    if ('why' in placed) {
      this.tellOrder(placed);
      return no(placed.why, asset);
    }
    const oid = Number(placed.orderId);
    if (placed.state === 'open') return { resting: { oid } };
    return placed.filledLots === 0 ? { error: `${NOTHING} asset=${asset}` } : { filled: { oid } };
  }

  private cancel(account: string, which: unknown): unknown {
    const order = this.find(account, which);
    const cancelled =
      order === undefined ? 'not-found' : this.exchange.cancel(account, order.orderId, this.nowMs());
    return isRefusal(cancelled) ? no(cancelled, '0') : 'success';
  }

  private schedule(account: string, time: unknown): WireAnswer {
    if (time === undefined) this.scheduled.delete(account);
    else if (Number(time) < this.nowMs() + SCHEDULE_AHEAD_MS)
      return failed('Scheduled cancel time is too early.');
    else this.scheduled.set(account, Number(time));
    return done('default', {});
  }

  tick(): void {
    const now = this.nowMs();
    for (const [account, at] of this.scheduled)
      if (now >= at) {
        this.scheduled.delete(account);
        this.exchange.cancelAll(account, now);
      }
  }

  hear(session: WireSession, text: string): void {
    const message = readBody(text);
    const { method, subscription } = message ?? {};
    if (method === 'ping') return session.send({ channel: 'pong' });
    const isKnown = method === 'subscribe' || method === 'unsubscribe';
    if (!isKnown || typeof subscription !== 'object' || subscription === null)
      return session.send({
        channel: 'error',
        data: `Error parsing JSON into valid websocket request: ${text}`,
      });
    this.sessions.add(session);
    const { type, user, coin } = subscription as Fields; // an object, just looked
    const [kind, whom] = [textOf(type), textOf(user ?? coin).toLowerCase()];
    const isPrivate = USER_CHANNELS.has(kind);
    const channel = isPrivate ? `${kind}/${whom}` : `${kind}/${textOf(coin)}`;
    if (method === 'subscribe') session.channels.add(channel);
    else session.channels.delete(channel);
    session.send({ channel: 'subscriptionResponse', data: { method, subscription } });
    const first =
      kind === 'userFills'
        ? { channel: kind, data: { isSnapshot: true, user, fills: [] } }
        : marketMessage(this.exchange, kind, textOf(coin), this.nowMs());
    if (method === 'subscribe' && first !== undefined) session.send(first);
  }

  tell(event: SimEvent, session: WireSession): readonly unknown[] {
    const heard = (kind: string, whom: string): boolean => session.channels.has(`${kind}/${whom}`);
    switch (event.event) {
      case 'book':
        return ['l2Book', 'bbo', 'activeAssetCtx'].flatMap((kind) => {
          const message = heard(kind, event.instrument)
            ? marketMessage(this.exchange, kind, event.instrument, this.nowMs())
            : undefined;
          return message === undefined ? [] : [message];
        });
      case 'trade':
        return heard('trades', event.trade.instrument) ? [tradeMessage(this.exchange, event.trade)] : [];
      case 'order':
        return heard('orderUpdates', this.addressOf(event.order.account))
          ? [this.orderUpdate(event.order)]
          : [];
      case 'user-trade': {
        const user = this.addressOf(event.account);
        const fills = [fillMessage(this.exchange, event.trade)];
        return heard('userFills', user) ? [{ channel: 'userFills', data: { user, fills } }] : [];
      }
      case 'ticker':
        return [];
    }
  }

  left(session: WireSession): void {
    this.sessions.delete(session);
  }

  private tellOrder(order: EndedOrder): void {
    const channel = `orderUpdates/${this.addressOf(order.account)}`;
    for (const session of this.sessions)
      if (session.channels.has(channel)) session.send(this.orderUpdate(order));
  }

  private orderUpdate(order: SimOrder | EndedOrder): Fields {
    const update = {
      order: orderMessage(this.exchange, order),
      status: statusOf(order),
      statusTimestamp: order.updatedMs,
    };
    return { channel: 'orderUpdates', data: [update] };
  }

  private addressOf(account: string): string {
    return this.owners.find(({ name }) => name === account)?.address ?? '';
  }
}

const no = (refusal: Refusal, asset: string): Fields => ({ error: `${WORDS[refusal]} asset=${asset}` });
const failed = (response: string): WireAnswer => ({ status: 200, body: { status: 'err', response } });
const done = (type: string, more: Fields): WireAnswer => ({
  status: 200,
  body: { status: 'ok', response: { type, ...more } },
});

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value as string | number); // of the protocol's own fields

function readBody(text: string): Fields | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? (read as Fields) : undefined; // an object, just looked
  } catch {
    return undefined;
  }
}
