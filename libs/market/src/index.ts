export {
  DEFAULT_EVALUATION,
  evaluationRulesOf,
  orderLimitsOf,
  parseOrderLimits,
} from './files/book-defaults';
export { premiumProblemOf } from './files/fields';
export { bookJsonSchema, checkBooks, checkNumeraire, parseBookFile } from './files/book-file';
export type { BookFile, SourcedBook } from './files/book-file';
export {
  instrumentsJsonSchema,
  overridesOf,
  parseInstrumentsFile,
  specificationsFor,
} from './files/instruments-file';
export type { InstrumentsFile, NamedInstrument } from './files/instruments-file';
export { termsRemarks } from './files/terms-remarks';
export { parseWith } from './files/problems';
export { remarksOfBars } from './judgement/judged-bars';
export { rowsOfTable } from './tape/table-rows';
export type { NamedRow } from './tape/table-rows';
export { parseTapeManifest, tapeJsonSchema } from './files/tape-manifest';
export type { TapeManifest, TapeSource } from './files/tape-manifest';
export { demonstrationMarket } from './generator/demonstration-market';
export type { DemonstrationMarket } from './generator/demonstration-market';
export { importBook } from './import/book/book-import';
export type { BookImport, BookImportOptions } from './import/book/book-import';
export { bookReportText } from './import/book/book-report';
export { reportText } from './import/report';
export type { ImportReport, PictureLine } from './import/report';
export { FORMATS } from './import/formats/all-formats';
export { judgedImport, readingOrder, TapeImport } from './import/tape-import';
export type { ImportResult } from './import/tape-import';
export type { ImportOptions } from './import/import-options';
export type { TapeOutput } from './import/output-table';
export { createPriceIngest } from './price/price-ingest';
export type { IngestedInstant, PriceIngest } from './price/price-ingest';
export { rulesForRhythm } from './price/rhythm';
export type { PriceIngestConfig } from './price/price-ingest';
export { markOfQuote } from './tape/option-quote';
export type { QuoteFields } from './tape/option-quote';
export {
  checkBookAgainstTape,
  perpetualsWithoutFunding,
  positionRemarks,
  positionsWithoutVolatility,
} from './tape/book-against-tape';
export { rawPrice } from './tape/raw-instant';
export type { RawInstant, RawPeg, RawPrice, SourceDescription, ToldPrice } from './tape/raw-instant';
export { createTape, tapeOf } from './tape/tape';
export { columnsOf, tapeOfColumns } from './tape/tape-columns';
export type { PricedSpan, Tape, TapeParts } from './tape/tape';
export type { OracleRules } from './oracle/rules';
export { parseTrade, parseTradesFile } from './files/trade-file';
export type { TradeEntry } from './files/trade-file';
