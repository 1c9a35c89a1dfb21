export { canonicalJson } from './canonical-json';
export type { Json } from './canonical-json';
export { Decimal, sum } from './decimal';
export type { Rounding } from './decimal';
export {
  AssertionFault,
  EvenkeelError,
  IntegrityFault,
  InvalidInputError,
  OperationalError,
  assert,
  assertNever,
  required,
} from './errors';
export type { ErrorDetails, InputProblem } from './errors';
export {
  createSha256,
  fnv1a32,
  fromHex,
  pureHashes,
  sameBytes,
  sha256,
  toHex,
  useHashes,
  utf8,
} from './hashing';
export type { Hashes, Sha256Stream } from './hashing';
export { PARTITION_COUNT, partitionOf, uuidV5 } from './ids';
export {
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MILLISECOND,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
  DAYS_PER_YEAR,
  DAY_YEARS,
  NANOS_PER_YEAR,
  formatInstant,
  instantOfDate,
  parseDuration,
  parseInstant,
  tryParseDuration,
  tryParseInstant,
  yearsBetween,
} from './instant';
export type { Instant, Nanoseconds } from './instant';
export { median } from './median';
export { memoised } from './memo';
export { MOMENT_EXAMPLES, instantOfMoment, tryParseMoment } from './moment';
export type { Moment } from './moment';
export { isInherited, nameProblem } from './names';
export { nearestName, unknownField, unknownName } from './nearest-name';
export { Recent } from './recent';
export { createRandom } from './random';
export type { Random } from './random';
export { failure, success } from './result';
export type { Failure, Result } from './result';
export { isLoopback } from './loopback';
