export { specificationOf } from './catalogue';
export type { InstrumentSpec } from './catalogue';
export { formatExpiryDate, parseInstrument } from './instrument';
export type { InstrumentId, InstrumentKind, OptionType, ParsedInstrument } from './instrument';
