import type { Check } from '@evenkeel/facts';
import { isDollar } from '@evenkeel/instruments';
import { Decimal, failure, success, tryParseInstant } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import type { VaultFlow } from '../vault/vault-epoch';
import type { FlowRequest, VaultLedger, VaultTerms } from '../vault/vault-ledger';
import {
  advanceLedger,
  ledgerText,
  openLedger,
  readLedger,
  unitsOf,
  wholeUnits,
} from '../vault/vault-ledger';
import type { Policy, PolicyInput, PolicyOutput, UnderlyingView } from '../policy/policy';
import type { PolicyFields } from '../policy/policy-fields';
import { onlyFields, positiveDuration } from '../policy/policy-fields';

export interface VaultSettings {
  readonly terms: VaultTerms;
  /** `USD`, or the coin that is deposited. */
  readonly asset: string;
  readonly decimals: number;
  /** Hedges what the vault is left with. */
  readonly inner: Policy;
}

const INVALID = 'HEDGING.POLICY_INVALID';
const FIELDS = [
  'asset',
  'decimals',
  'decimalsOffset',
  'epoch',
  'managementFee',
  'performanceFee',
  'flows',
  'policy',
];

/**
 * `{ "kind": "vault", "asset": "ETH", "epoch": "P1D", "managementFee": "0.02", "performanceFee": "0.2", "flows": [{ "at": "2026-01-02T00:00:00Z",
 * "holder": "ann", "deposit": "100" }], "policy": { "kind": "whalley-wilmott", "riskAversion": "0.00002" } }`: many depositors' collateral
 * in one book. Deposits and redemptions wait for the end of their epoch and are netted at one price; only the net changes the
 * collateral, and so the delta that the inner policy hedges. Use it where a book is owned by many.
 */
export function parseVault(
  fields: PolicyFields,
  parseInner: (fields: PolicyFields) => Result<Policy>,
): Result<Policy> {
  const checked = onlyFields(fields, FIELDS);
  if (!checked.ok) return checked;
  const epoch = positiveDuration({ epoch: 'P1D', ...fields }, 'epoch');
  if (!epoch.ok) return epoch;
  const { asset } = fields;
  if (typeof asset !== 'string' || asset === '')
    return failure(INVALID, 'asset must be USD or a coin', 'asset');
  const decimals = whole(fields, 'decimals', isDollar(asset) ? 6 : 8, 18);
  const offset = whole(fields, 'decimalsOffset', 3, 12);
  const management = parts(fields, 'managementFee');
  const performance = parts(fields, 'performanceFee');
  if (!decimals.ok) return decimals;
  if (!offset.ok) return offset;
  if (!management.ok) return management;
  if (!performance.ok) return performance;
  const requests = requestsOf(fields['flows'] ?? [], Number(decimals.value));
  if (!requests.ok) return requests;
  const written = fields['policy'];
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return failure(INVALID, 'policy must be the policy that hedges the vault', 'policy');
  // An object that is no array has string keys and unknown values.
  const inner = parseInner(written as PolicyFields);
  if (!inner.ok) {
    const { code, message, path } = inner.failure;
    return failure(code, message, path === undefined ? 'policy' : `policy.${path}`);
  }
  const fees = { managementPerYear: management.value, performance: performance.value };
  const terms = { epoch: epoch.value, fees, decimalsOffset: Number(offset.value), requests: requests.value };
  return success(createVault({ terms, asset, decimals: Number(decimals.value), inner: inner.value }));
}

function whole(fields: PolicyFields, name: string, absent: number, most: number): Result<bigint> {
  const value = Decimal.tryParse(String(fields[name] ?? absent));
  const good = value !== undefined && value.equals(value.round(0, 'floor')) && !value.isNegative();
  return good && value.toNumber() <= most
    ? success(value.round(0, 'floor').units)
    : failure(INVALID, `${name} must be a whole number from 0 to ${most}`, name);
}

/** A fraction as parts per million. */
function parts(fields: PolicyFields, name: string): Result<bigint> {
  const value = Decimal.tryParse(String(fields[name] ?? '0'));
  if (value === undefined || value.isNegative() || value.toNumber() > 0.5)
    return failure(INVALID, `${name} must be a fraction from 0 to 0.5`, name);
  return success(unitsOf(value, 6));
}

function requestsOf(written: unknown, decimals: number): Result<readonly FlowRequest[]> {
  if (!Array.isArray(written)) return failure(INVALID, 'flows must be a list', 'flows');
  const requests: FlowRequest[] = [];
  for (const [index, entry] of written.entries()) {
    const path = `flows[${index}]`;
    if (typeof entry !== 'object' || entry === null)
      return failure(INVALID, `${path} must be an object`, path);
    // An object has string keys and unknown values.
    const flow = entry as PolicyFields;
    const at = typeof flow['at'] === 'string' ? tryParseInstant(flow['at']) : undefined;
    if (at === undefined) return failure(INVALID, `${path}.at must be a time`, `${path}.at`);
    const holder = flow['holder'];
    if (typeof holder !== 'string' || holder === '')
      return failure(INVALID, `${path}.holder must be a name`, `${path}.holder`);
    const deposit = amountOf(flow['deposit']);
    const redeem = amountOf(flow['redeem']);
    if ((deposit === undefined) === (redeem === undefined))
      return failure(INVALID, `${path} must have either deposit (assets) or redeem (shares)`, path);
    const request: VaultFlow =
      deposit === undefined
        ? { kind: 'redeem', holder, shares: unitsOf(redeem ?? Decimal.ZERO, 0) }
        : { kind: 'deposit', holder, assets: unitsOf(deposit, decimals) };
    requests.push({ at, flow: request });
  }
  return success(requests);
}

function amountOf(written: unknown): Decimal | undefined {
  const value = written === undefined ? undefined : Decimal.tryParse(String(written));
  return value?.isPositive() === true ? value : undefined;
}

export function createVault(settings: VaultSettings): Policy {
  return { kind: 'vault', evaluate: (input) => evaluate(input, settings) };
}

const KEY = 'vault ledger';
const INNER = 'inner ';

function evaluate(input: PolicyInput, settings: VaultSettings): PolicyOutput {
  const equity = equityUnits(input, settings);
  const inner = Object.fromEntries(
    Object.entries(input.remembered).flatMap(([key, value]) =>
      key.startsWith(INNER) ? [[key.slice(INNER.length), value]] : [],
    ),
  );
  if (equity === undefined) return refused(input, settings, inner);
  const known = input.remembered[KEY];
  const ledger =
    known === undefined
      ? openLedger(settings.terms, input.now, equity)
      : advanceLedger(readLedger(known), settings.terms, input.now, equity);
  const held = wholeUnits(ledger.collateral, settings.decimals).toNumber();
  const underlyings = input.underlyings.map((view) => withCollateral(view, input, settings, held));
  const output = settings.inner.evaluate({ ...input, underlyings, remembered: inner });
  const remember: Record<string, string> = { [KEY]: ledgerText(ledger) };
  for (const [key, value] of Object.entries(output.remember ?? inner)) remember[`${INNER}${key}`] = value;
  return { ...output, remember, checks: [...(output.checks ?? []), ...vaultChecks(ledger, settings)] };
}

/** The book's profit in the vault's asset, smallest units. Undefined where the book's numeraire cannot be turned into it. */
function equityUnits(input: PolicyInput, settings: VaultSettings): bigint | undefined {
  const { numeraire, equity } = input.snapshot;
  const amount = Decimal.parse(equity);
  const { asset, decimals } = settings;
  if (numeraire === asset || (isDollar(numeraire) && isDollar(asset))) return unitsOf(amount, decimals);
  const spot = input.underlyings.find(({ underlying }) => underlying === asset)?.spot ?? 0;
  if (!isDollar(numeraire) || !(spot > 0)) return undefined;
  return unitsOf(amount.dividedBy(Decimal.ofNumber(spot, 8), decimals, 'floor'), decimals);
}

/** A coin that depositors brought is delta of a book kept in dollars. */
function withCollateral(
  view: UnderlyingView,
  input: PolicyInput,
  settings: VaultSettings,
  held: number,
): UnderlyingView {
  if (view.underlying !== settings.asset || input.snapshot.numeraire === settings.asset) return view;
  return { ...view, delta: view.delta + held, exposure: view.exposure + held };
}

/** The inner policy is asked all the same, so that everything is assessed; nothing is traded. */
function refused(
  input: PolicyInput,
  settings: VaultSettings,
  inner: Readonly<Record<string, string>>,
): PolicyOutput {
  const underlyings = input.underlyings.map((view) => ({
    ...view,
    refusals: [...view.refusals, 'NO_VAULT_VALUE'],
  }));
  const output = settings.inner.evaluate({ ...input, underlyings, remembered: inner });
  const refusals = input.underlyings.map(({ underlying }) => ({ underlying, reason: 'NO_VAULT_VALUE' }));
  return { ...output, candidates: [], trades: [], reasons: [], refusals, remember: input.remembered };
}

/** The last settlement, on the record of every decision until the next. */
function vaultChecks(ledger: VaultLedger, settings: VaultSettings): Check[] {
  const { asset, decimals } = settings;
  const { last, state, refused: turnedDown } = ledger;
  const show = (units: bigint): string => `${wholeUnits(units, decimals).toString()} ${asset}`;
  const note = (name: string, limit: string, observed: string, passed = true): Check => ({
    name: `vault ${name}`,
    limit,
    observed,
    passed,
  });
  return [
    note('epoch', 'settled', String(state.epochs)),
    note('net asset value', 'after fees and flows', show(last.assets)),
    note('shares', 'outstanding', state.supply.toString()),
    note('net flow', `${show(last.deposits)} less ${show(last.payouts)}`, show(last.net)),
    note('fees', 'management, performance', `${show(last.managementFee)}, ${show(last.performanceFee)}`),
    note('requests refused', '0', String(turnedDown), turnedDown === 0),
  ];
}
