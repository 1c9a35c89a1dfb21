import { randomUUID } from 'node:crypto';

import type { WireAnswer } from '@evenkeel/local-exchange';

import { done, refused } from './answers';

const KEY_LIFE_MS = 3_600_000;

interface ListenKey {
  readonly name: string;
  readonly account: string;
  /** Of COIN-M. */
  readonly inverse: boolean;
  until: number;
}

/** Keys in the addresses of private streams. One lives for an hour from when it was last asked for. */
export class ListenKeys {
  private readonly keys = new Map<string, ListenKey>();

  answer(method: string, account: string, inverse: boolean, now: number): WireAnswer {
    const known = [...this.keys.values()].find(
      (key) => key.account === account && key.inverse === inverse && key.until > now,
    );
    if (known === undefined && method !== 'POST')
      return refused(400, -1125, 'This listenKey does not exist.');
    const key = known ?? { name: randomUUID(), account, inverse, until: 0 };
    key.until = now + KEY_LIFE_MS;
    this.keys.set(key.name, key);
    return done({ listenKey: key.name });
  }

  expire(): void {
    for (const key of this.keys.values()) key.until = 0;
  }

  /** Of a private stream's address: `/private/ws?listenKey=…` on USD-M, `/ws/…` on COIN-M. */
  of(path: string): ListenKey | undefined {
    const found = /^\/private\/ws\?listenKey=([^&]+)|^\/ws\/(.+)$/.exec(path);
    return this.keys.get(decodeURIComponent(found?.[1] ?? found?.[2] ?? ''));
  }
}
