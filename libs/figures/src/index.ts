export { amountText, moneyText, percentText, quantityText } from './amount';
export { deltaText, gammaText, thetaText, vegaText } from './greeks';
export type { GreekUnits } from './greeks';
