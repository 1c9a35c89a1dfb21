import { legIn, markIn } from '@evenkeel/facts';
import type { Check, Exposure, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract, parseInstrument } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { memoised } from '@evenkeel/kernel';
import type { HedgeInstrument } from './hedge-instrument';
import { hedgeInstrumentOf } from './hedge-instrument';
import { deltaInFlight } from './in-flight-delta';
import type { InFlight } from './in-flight';
import type { PolicyInForce, ProgramBook } from './state';

/** Whether an underlying may be traded on this snapshot, and with what. */
export interface Gate {
  readonly refusals: readonly string[];
  readonly instruments: readonly HedgeInstrument[];
  /** Delta on its way, units of the underlying. Counts only what is known; a refusal says when that is not all. */
  readonly inFlightDelta: number;
}

/**
 * Unsettled expired legs do not stop hedging: their payoff is fixed and their delta is nought, only the amount is unknown.
 * Every other leg without a price could be any size of risk.
 */
const HARMLESS = 'RISK.EXPIRED_UNSETTLED';
const STALE_SPOT = /: RISK\.(STALE|NO)_SPOT$/;
const MARK_AGE_MAX_SECONDS = 3600;
/** Instrument ids whose underlying is remembered. */
const INSTRUMENTS_MAX = 10_000;

/** What the gate looks at. */
export interface GateInput {
  readonly program: ProgramBook;
  readonly policy: PolicyInForce;
  readonly snapshot: RiskSnapshotTaken;
  readonly exposure: Exposure;
  readonly inFlight: InFlight;
  readonly spotUsd: number;
}

/** Hears of every check, where they go on record: most evaluations are quiet, and theirs would be written for nobody. */
export type NoteCheck = (check: Check) => void;

/** The rules that hold for every policy. Each is a check on record; a failed one is a refusal. */
export function gateOf(input: GateInput, note?: NoteCheck): Gate {
  const { program, policy, snapshot, exposure, inFlight, spotUsd } = input;
  const { underlying } = exposure;
  const refusals: string[] = [];
  const check = (name: string, limit: string, observed: string, passed: boolean, refusal: string): void => {
    note?.({ name: `${underlying} ${name}`, limit, observed, passed });
    if (!passed && !refusals.includes(refusal)) refusals.push(refusal);
  };
  const running = isRunning(program);
  check('program', 'running', running ? 'running' : 'halted', running, 'PROGRAM_HALTED');

  const silent = isSilent(snapshot, underlying);
  const halted = exposure.spotStatus === 'HALTED';
  check(
    'spot status',
    'not HALTED',
    silent ? 'STALE' : exposure.spotStatus,
    !halted,
    silent ? 'STALE_INPUTS' : 'PRICE_HALTED',
  );

  const codes = unpricedIn(snapshot, underlying);
  const priced = codes.length === 0;
  const what = priced ? '0' : `${codes.length} ${[...new Set(codes)].sort().join(' ')}`;
  check('legs without a price', '0', what, priced, 'UNPRICED_LEGS');
  if (codes.some((code) => code.includes('STALE')) && !refusals.includes('STALE_INPUTS'))
    refusals.push('STALE_INPUTS');

  const given = hedgesOf(policy).get(underlying) ?? NO_CONTRACTS;
  const unresolved = countOf(given, ({ id }) => inFlight.unresolved.has(id));
  check('orders of unknown outcome', '0', String(unresolved), unresolved === 0, 'ORDER_IN_FLIGHT');

  check('hedge instruments', 'at least 1', String(given.length), given.length > 0, 'NO_HEDGE_INSTRUMENT');
  const free =
    Object.keys(program.blocked).length === 0 ? given : given.filter(({ id }) => !isBlocked(program, id));
  if (given.length > 0) {
    check(
      'hedge instruments without a kill latch',
      'at least 1',
      String(free.length),
      free.length > 0,
      'PROGRAM_HALTED',
    );
  }
  const numeraireUsd = exposure.spot > 0 ? spotUsd / exposure.spot : 1;
  const market = { spotUsd, numeraireUsd, ownCoin: underlying === snapshot.numeraire, rate: snapshot.rate };
  const instruments: HedgeInstrument[] = [];
  let usable = 0;
  let why = 'STALE_INPUTS';
  for (const contract of free) {
    const mark = markIn(snapshot, contract.id);
    if (mark?.status === 'HALTED') why = 'PRICE_HALTED';
    if (mark === undefined || mark.status === 'HALTED' || isOld(mark)) continue;
    usable += 1;
    const leg = contract.kind === 'option' ? legIn(snapshot, contract.id) : undefined;
    const instrument = hedgeInstrumentOf(contract, mark, market, leg);
    if (instrument !== undefined) instruments.push(instrument);
  }
  if (free.length > 0) check('hedge instruments with a price', 'at least 1', String(usable), usable > 0, why);
  const flight = deltaInFlight({ policy, underlying, inFlight, instruments, snapshot, market });
  if (flight.unknown.length > 0)
    check('orders on their way without a price', 'none', flight.unknown.join(' '), false, 'UNPRICED_LEGS');
  return { refusals, instruments, inFlightDelta: flight.delta };
}

/** Nothing but a price halts it, and that is looked at for each underlying. */
function isRunning({ halts }: ProgramBook): boolean {
  for (const key of Object.keys(halts)) if (key !== 'price') return false;
  return true;
}

function isSilent({ reasons }: RiskSnapshotTaken, underlying: string): boolean {
  if (reasons.length === 0) return false;
  const composite = `${underlying}@composite`;
  return reasons.some((reason) => reason.startsWith(composite) && STALE_SPOT.test(reason));
}

/** Why legs of an underlying have no price, one for each. */
function unpricedIn({ unpriced }: RiskSnapshotTaken, underlying: string): readonly string[] {
  return unpriced.flatMap(({ code, instrument }) =>
    code !== HARMLESS && underlyingOf(instrument) === underlying ? [code] : [],
  );
}

function countOf<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  let count = 0;
  for (const item of items) if (is(item)) count += 1;
  return count;
}

const NO_CONTRACTS: readonly Contract[] = [];
const hedges = new WeakMap<PolicyInForce, ReadonlyMap<string, readonly Contract[]>>();

/** The hedge instruments of a policy by underlying, in the policy's order. */
function hedgesOf(policy: PolicyInForce): ReadonlyMap<string, readonly Contract[]> {
  const known = hedges.get(policy);
  if (known !== undefined) return known;
  const made = new Map<string, Contract[]>();
  for (const id of policy.hedgeInstruments) {
    const text = policy.specifications[id];
    if (text === undefined) continue;
    const contract = parseContract(text);
    const group = made.get(contract.underlying);
    if (group === undefined) made.set(contract.underlying, [contract]);
    else group.push(contract);
  }
  hedges.set(policy, made);
  return made;
}

function isBlocked(program: ProgramBook, id: string): boolean {
  const venue = id.slice(id.lastIndexOf('@') + 1);
  return program.blocked[`instrument:${id}`] === true || program.blocked[`venue:${venue}`] === true;
}

function isOld(mark: MarkUsed): boolean {
  return mark.reasons.includes('STALE') || mark.ageSeconds > MARK_AGE_MAX_SECONDS;
}

const underlyingOf = memoised(INSTRUMENTS_MAX, (instrument) => {
  const parsed = parseInstrument(instrument);
  return parsed.ok ? parsed.value.underlying : '';
});
