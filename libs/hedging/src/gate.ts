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
  readonly checks: readonly Check[];
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

/** The rules that hold for every policy. Each is a check on record; a failed one is a refusal. */
export function gateOf(
  program: ProgramBook,
  policy: PolicyInForce,
  snapshot: RiskSnapshotTaken,
  exposure: Exposure,
  inFlight: InFlight,
  spotUsd: number,
): Gate {
  const { underlying } = exposure;
  const refusals: string[] = [];
  const checks: Check[] = [];
  const check = (name: string, limit: string, observed: string, passed: boolean, refusal: string): void => {
    checks.push({ name: `${underlying} ${name}`, limit, observed, passed });
    if (!passed && !refusals.includes(refusal)) refusals.push(refusal);
  };
  const kills = Object.keys(program.halts).filter((key) => key !== 'price');
  check(
    'program',
    'running',
    kills.length === 0 ? 'running' : 'halted',
    kills.length === 0,
    'PROGRAM_HALTED',
  );

  const silent = snapshot.reasons.some(
    (reason) => reason.startsWith(`${underlying}@composite`) && STALE_SPOT.test(reason),
  );
  const halted = exposure.spotStatus === 'HALTED';
  check(
    'spot status',
    'not HALTED',
    silent ? 'STALE' : exposure.spotStatus,
    !halted,
    silent ? 'STALE_INPUTS' : 'PRICE_HALTED',
  );

  const unpriced = snapshot.unpriced.filter(
    (leg) => leg.code !== HARMLESS && underlyingOf(leg.instrument) === underlying,
  );
  const codes = [...new Set(unpriced.map(({ code }) => code))].sort().join(' ');
  check(
    'legs without a price',
    '0',
    unpriced.length === 0 ? '0' : `${unpriced.length} ${codes}`,
    unpriced.length === 0,
    'UNPRICED_LEGS',
  );
  if (unpriced.some(({ code }) => code.includes('STALE')) && !refusals.includes('STALE_INPUTS'))
    refusals.push('STALE_INPUTS');

  const given = policy.hedgeInstruments.filter((id) => contractIn(policy, id)?.underlying === underlying);
  const unresolved = given.filter((id) => inFlight.unresolved.has(id));
  check(
    'orders of unknown outcome',
    '0',
    String(unresolved.length),
    unresolved.length === 0,
    'ORDER_IN_FLIGHT',
  );

  check('hedge instruments', 'at least 1', String(given.length), given.length > 0, 'NO_HEDGE_INSTRUMENT');
  const free = given.filter((id) => !isBlocked(program, id));
  if (given.length > 0) {
    check(
      'hedge instruments without a kill latch',
      'at least 1',
      String(free.length),
      free.length > 0,
      'PROGRAM_HALTED',
    );
  }
  const marks = free.map((id) => markIn(snapshot, id));
  const usable = marks.filter(
    (mark): mark is MarkUsed => mark !== undefined && mark.status !== 'HALTED' && !isOld(mark),
  );
  if (free.length > 0) {
    const why = marks.some((mark) => mark?.status === 'HALTED') ? 'PRICE_HALTED' : 'STALE_INPUTS';
    check('hedge instruments with a price', 'at least 1', String(usable.length), usable.length > 0, why);
  }
  const numeraireUsd = exposure.spot > 0 ? spotUsd / exposure.spot : 1;
  const market = { spotUsd, numeraireUsd, ownCoin: underlying === snapshot.numeraire, rate: snapshot.rate };
  const instruments = usable.flatMap((mark) => {
    const contract = contractIn(policy, mark.instrument);
    if (contract === undefined) return [];
    const leg = contract.kind === 'option' ? legIn(snapshot, contract.id) : undefined;
    const instrument = hedgeInstrumentOf(contract, mark, market, leg);
    return instrument === undefined ? [] : [instrument];
  });
  const flight = deltaInFlight({ policy, underlying, inFlight, instruments, snapshot, market });
  if (flight.unknown.length > 0)
    check('orders on their way without a price', 'none', flight.unknown.join(' '), false, 'UNPRICED_LEGS');
  return { refusals, checks, instruments, inFlightDelta: flight.delta };
}

function isBlocked(program: ProgramBook, id: string): boolean {
  const venue = id.slice(id.lastIndexOf('@') + 1);
  return program.blocked[`instrument:${id}`] === true || program.blocked[`venue:${venue}`] === true;
}

function contractIn(policy: PolicyInForce, id: string): Contract | undefined {
  const text = policy.specifications[id];
  return text === undefined ? undefined : parseContract(text);
}

function isOld(mark: MarkUsed): boolean {
  return mark.reasons.includes('STALE') || mark.ageSeconds > MARK_AGE_MAX_SECONDS;
}

const underlyingOf = memoised(INSTRUMENTS_MAX, (instrument) => {
  const parsed = parseInstrument(instrument);
  return parsed.ok ? parsed.value.underlying : '';
});
