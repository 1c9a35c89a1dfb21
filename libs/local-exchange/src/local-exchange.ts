import { randomBytes } from 'node:crypto';

import type { ExchangeNeeds, LocalExchange, RunningExchange } from '@evenkeel/venues';

import type { FlowOptions } from './generated-flow';
import type { SimInstrument } from './sim-instrument';
import { runSimScript, type ServedExchange } from './sim-script';

/** A client's key, as the exchange knows it. */
export interface SimClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SimAccounts {
  readonly clients: readonly SimClient[];
  /** An account that is opened when somebody first logs in to it. */
  readonly clientOnDemand?: (clientId: string) => SimClient | undefined;
}

/** What the process of the exchange is told; made by `prepare` and nobody else. */
interface Config extends Pick<ExchangeNeeds, 'clockOffsetMs' | 'stepMs' | 'seed' | 'moveMax'> {
  readonly instruments: readonly SimInstrument[];
  readonly clients: readonly SimClient[];
  /** Opens the account of any book that logs in with it: books may come while the exchange lives. */
  readonly sharedSecret: string;
}

export interface LocalExchangeParts {
  readonly instruments: readonly SimInstrument[];
  readonly accounts: SimAccounts;
  readonly market: { readonly stepMs: number; readonly flow: Partial<FlowOptions> };
  readonly nowMs: () => number;
}

/** An exchange with its wire, and the ways to it. */
export type OpenedExchange = ServedExchange &
  Pick<RunningExchange, 'url' | 'feeds' | 'access'> & { close(): Promise<void> };

/** What a venue must say of itself so that an exchange of ours can stand in for it. */
export interface LocalExchangeOptions {
  /** Variables of a book's keys begin with this; those of the venue as a whole when no book is meant. */
  readonly keyPrefix: (book?: string) => string;
  /** What every account gives besides its key, where the venue wants that. */
  readonly passphrase?: string;
  /**
   * A new account, where the venue's keys are of a form of their own. One that a book opens by logging in is not to be had there: its
   * keys can't be made of its name.
   */
  readonly client?: () => SimClient;
  /** The contracts that are listed for these ids; ids of other venues are left out. */
  readonly listing: (instruments: readonly string[]) => readonly SimInstrument[];
  /** Opens the venue's protocol on a local port. */
  readonly open: (parts: LocalExchangeParts) => Promise<OpenedExchange>;
}

/** An exchange that a run starts in a process of its own: an account with keys for each book, a market that moves, accidents by script. */
export function localExchangeOf({
  keyPrefix,
  passphrase,
  client: newClient,
  listing,
  open,
}: LocalExchangeOptions): LocalExchange {
  return {
    prepare({ instruments, books, ...life }) {
      const sharedSecret = randomBytes(24).toString('hex');
      const keys: Record<string, string> =
        newClient === undefined
          ? { [`${keyPrefix()}_KEY`]: 'desk-{book}', [`${keyPrefix()}_SECRET`]: sharedSecret }
          : {};
      const clients = books.map((book) => {
        const client = newClient?.() ?? {
          clientId: `desk-${book}`,
          clientSecret: randomBytes(24).toString('hex'),
        };
        keys[`${keyPrefix(book)}_KEY`] = client.clientId;
        keys[`${keyPrefix(book)}_SECRET`] = client.clientSecret;
        return client;
      });
      const config: Config = { ...life, instruments: listing(instruments), clients, sharedSecret };
      if (passphrase !== undefined)
        for (const book of [undefined, ...books]) keys[`${keyPrefix(book)}_PASSPHRASE`] = passphrase;
      return { config, keys };
    },
    async open(given) {
      const { instruments, clients, sharedSecret, clockOffsetMs, stepMs, seed, moveMax } = given as Config; // as `prepare` made it
      const served = await open({
        instruments,
        accounts: {
          clients,
          clientOnDemand: (clientId) =>
            clientId.startsWith('desk-') ? { clientId, clientSecret: sharedSecret } : undefined,
        },
        market: { stepMs, flow: { seed, moveMax, lotsMax: 40_000 } },
        nowMs: () => Date.now() + clockOffsetMs,
      });
      return {
        url: served.url,
        feeds: served.feeds,
        access: served.access,
        play: (script, note) => runSimScript(served, script, note),
        close: () => served.close(),
      };
    },
  };
}
