import type { ChainAccountEvent, ChainReport, WantedAction } from '@evenkeel/execution';
import { AccountHost, accountOnRecord } from '../src/account-host';
import type { AccountPorts } from '../src/account-host';
import type { FollowStep } from '../src/block-follower';
import type { BlockHeader } from '../src/node-blocks';

const ADDRESS = '0x00000000000000000000000000000000000000aa';
const GWEI = 1_000_000_000n;
const AT = '2026-01-05T00:00:00Z';

const adoption: ChainAccountEvent = {
  type: 'ChainAccountAdopted',
  payload: {
    ...{ account: `1:${ADDRESS}`, book: 'desk', chainId: 1, address: ADDRESS, coin: 'ETH', nonce: 7 },
    block: { number: 100, hash: '0x100' },
    rules: {
      ...{ finalityBlocks: 12, maxOpen: 3, replaceAfterBlocks: 3, maxAttempts: 5 },
      ...{ maxActionUsd: '60', maxDayUsd: '1000' },
    },
    at: AT,
  },
};

const want = (actionId: string): WantedAction => ({
  ...{ actionId, action: 'swap', serves: [actionId], to: ADDRESS, data: '0x01', value: '0' },
  ...{ gasLimit: 200_000, gasParts: [{ name: 'quoted', value: 200_000, unit: 'gas' }] },
});

const head = (number: number): ChainReport => ({
  ...{ kind: 'block', block: { number, hash: `0x${number}` }, time: AT },
  ...{ baseFee: 20n * GWEI, tip: GWEI, coinUsd: '3000' },
});

/** Ports that say what they are told to; what is appended and sent is kept. */
class Ports {
  readonly journal: ChainAccountEvent[] = [adoption];
  readonly sent: string[] = [];
  step: FollowStep = { kind: 'advanced', blocks: 1, undone: 0 };
  reports: ChainReport[] = [head(101)];
  appendFails = false;
  address = ADDRESS;

  host(): AccountHost {
    return new AccountHost(accountOnRecord(this.journal), this.ports());
  }

  types(): string[] {
    return this.journal.map(({ type }) => type);
  }

  private ports(): AccountPorts {
    const tip: BlockHeader = {
      ...{ number: 101, hash: '0x101', parentHash: '0x100', time: 1_767_571_200 },
      ...{ baseFee: GWEI, gasUsed: 0, gasLimit: 30_000_000 },
    };
    return {
      way: 'public',
      watch: {
        tip,
        poll: () => Promise.resolve({ step: this.step, reports: this.reports.splice(0) }),
      },
      record: {
        append: async (events) => {
          await Promise.resolve();
          if (this.appendFails) throw new Error('the journal is away');
          this.journal.push(...events);
        },
      },
      sender: {
        address: this.address,
        sign: async ({ nonce }, hash) => {
          await Promise.resolve();
          return `0x${nonce}${hash.slice(2, 6)}`;
        },
        broadcast: (hash) => {
          this.sent.push(hash);
          return Promise.resolve({ kind: 'accepted' });
        },
      },
    };
  }
}

describe('the host of an account', () => {
  it('does one thing after the other, however many are asked of it at once', async () => {
    const ports = new Ports();
    const host = ports.host();
    await host.step('3000');
    expect(await Promise.all([host.want(want('o1')), host.want(want('o2'))])).toEqual([
      'intended',
      'intended',
    ]);
    const intents = ports.journal.flatMap(({ type, payload }) =>
      type === 'TransactionIntended' ? [[payload.actionId, payload.nonce, payload.attempt]] : [],
    );
    expect(intents).toEqual([
      ['o1', 7, 1],
      ['o2', 8, 1],
    ]);
    expect(ports.sent).toHaveLength(2);
  });

  it('does nothing more after an error: what it has heard may not be on record', async () => {
    const ports = new Ports();
    const host = ports.host();
    await host.step('3000');
    ports.appendFails = true;
    await expect(host.want(want('o1'))).rejects.toThrow('the journal is away');
    ports.appendFails = false;
    await expect(host.step('3000')).rejects.toMatchObject({ code: 'CHAIN.HOST_FAILED' });
    await expect(host.want(want('o2'))).rejects.toMatchObject({ code: 'CHAIN.HOST_FAILED' });
    expect(ports.types()).toEqual(['ChainAccountAdopted']);
  });

  it('signs and sends nothing while the nodes disagree, and what is owed once they agree', async () => {
    const ports = new Ports();
    const host = ports.host();
    await host.step('3000');
    await host.want(want('o1'));
    ports.sent.length = 0;
    ports.step = { kind: 'disagree', detail: 'two blocks 105' };
    ports.reports = [head(105)];
    await host.step('3000');
    expect(ports.sent).toEqual([]);
    expect(ports.types().filter((type) => type === 'TransactionSigned')).toHaveLength(1);
    expect(await host.want(want('o2'))).toBe('CHAIN_UNCERTAIN');
    ports.step = { kind: 'unchanged' };
    await host.step('3000');
    expect(ports.sent.length).toBeGreaterThan(0);
  });

  it('speaks for no account but the one that is adopted', () => {
    const ports = new Ports();
    ports.address = '0x00000000000000000000000000000000000000bb';
    expect(() => ports.host()).toThrow(expect.objectContaining({ code: 'CHAIN.WRONG_ACCOUNT' }) as Error);
  });
});
