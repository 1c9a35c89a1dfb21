import { ETH_PERP, createProgram, only } from '../../test/scenario';
import { parsePolicy } from './registry';

const day = (n: number, hour = 0): string => `2026-01-0${n}T${String(hour).padStart(2, '0')}:00:00Z`;
const policy = {
  kind: 'vault',
  asset: 'ETH',
  epoch: 'P1D',
  managementFee: '0.02',
  performanceFee: '0.2',
  flows: [
    { at: day(1), holder: 'ann', deposit: '100' },
    { at: day(1, 12), holder: 'bob', deposit: '40' },
    // A quarter of what ann got: 8 decimals of ETH and 3 more of shares.
    { at: day(1, 13), holder: 'ann', redeem: '2500000000000' },
  ],
  policy: { kind: 'delta-band', band: '0.01' },
};
const eth = { underlying: 'ETH', delta: 0, gamma: 0, vega: 0 };

function vault() {
  const program = createProgram(policy, [ETH_PERP]);
  const checksOf = (name: string, checks: readonly { name: string; observed: string }[]) =>
    checks.find((check) => check.name === `vault ${name}`)?.observed;
  return { program, checksOf };
}

describe('vault', () => {
  it('hedges the coin that depositors brought', () => {
    const { program, checksOf } = vault();
    const decision = only(program.snapshot(day(1, 1), [eth]), 'HedgeDecided');
    expect(decision.policyKind).toBe('vault');
    expect(decision.trades[0]?.quantity).toBe('-100');
    expect(checksOf('net asset value', decision.checks)).toBe('100 ETH');
  });

  it('lets requests wait for the epoch and hedges only what is left after netting', () => {
    const { program, checksOf } = vault();
    program.snapshot(day(1, 1), [eth]);
    // The hedge has arrived; requests of the afternoon are not settled yet.
    const hedged = { ...eth, delta: -100 };
    const fresh = createProgram(policy, [ETH_PERP]);
    fresh.snapshot(day(1, 1), [{ ...eth, delta: -100 }]);
    expect(fresh.snapshot(day(1, 14), [hedged])).toEqual([]);
    const decision = only(fresh.snapshot(day(2, 1), [hedged]), 'HedgeDecided');
    // 40 in, 25 out, a day's fee in shares: 15 to sell, not 40 and then 25 back.
    expect(Number(decision.trades[0]?.quantity)).toBeCloseTo(-15, 1);
    const net = Number(checksOf('net flow', decision.checks)?.split(' ')[0]);
    expect(net).toBeGreaterThan(14.99);
    expect(net).toBeLessThan(15.01);
  });

  it('replays from its remembered text', () => {
    const { program } = vault();
    program.snapshot(day(1, 1), [eth]);
    const before = program.state().programs['b']?.remembered['vault ledger'];
    program.reload();
    program.snapshot(day(1, 2), [{ ...eth, delta: -100 }]);
    expect(program.state().programs['b']?.remembered['vault ledger']).toBe(before);
  });

  it('refuses while the book’s profit cannot be told in its asset', () => {
    const { program } = vault();
    const declined = only(program.snapshot(day(1, 1), [{ underlying: 'BTC', delta: 1 }]), 'HedgeDeclined');
    expect(declined.reasons).toContain('NO_VAULT_VALUE');
  });

  it.each([
    [{ ...policy, policy: { kind: 'delta-band' } }, 'policy.band'],
    [{ ...policy, asset: 7 }, 'asset'],
    [{ ...policy, managementFee: '2' }, 'managementFee'],
    [{ ...policy, flows: [{ at: 'noon', holder: 'ann', deposit: '1' }] }, 'flows[0].at'],
    [{ ...policy, flows: [{ at: day(1), holder: 'ann' }] }, 'flows[0]'],
    [{ ...policy, decimalsOffset: '1.5' }, 'decimalsOffset'],
  ])('refuses %j, naming the field', (written, path) => {
    expect(parsePolicy(JSON.stringify(written))).toMatchObject({ ok: false, failure: { path } });
  });
});
