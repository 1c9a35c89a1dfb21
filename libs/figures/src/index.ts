export { amountText, moneyCell, moneyText, percentText, quantityText } from './amount';
export { deltaText, gammaText, thetaText, vegaText } from './greeks';
export type { GreekUnits } from './greeks';
export { sumText, withRounding } from './sums';
export type { NamedAmount } from './sums';
export { tableLines } from './table';
export type { TextColumn } from './table';
