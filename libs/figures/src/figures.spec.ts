import { amountText, moneyText, percentText, quantityText } from './amount';
import { deltaText, gammaText, thetaText, vegaText } from './greeks';

describe('a figure for people', () => {
  it('is rounded, grouped, signed by a real minus, and names its currency', () => {
    expect(moneyText('-13142.645', 'USD')).toBe('−13,142.64 USD');
    expect(moneyText('-0.001', 'USD')).toBe('0.00 USD');
    expect(moneyText('0.065712345', 'BTC')).toBe('0.065712 BTC');
    expect(amountText(-54_999.9971, 'USDT')).toBe('−55,000.00 USDT');
    expect(amountText(1e-9, 'USD')).toBe('0.00 USD');
    expect(amountText(Number.NaN, 'USD')).toBe('no number in USD');
  });

  it('keeps what a small quantity says', () => {
    expect(quantityText(0.0563208, 'BTC')).toBe('0.0563 BTC');
    expect(quantityText(-0.000294686, 'BTC')).toBe('−0.00029469 BTC');
    expect(quantityText(-6.1e-9, 'BTC')).toBe('−0.000000006100 BTC');
    expect(quantityText(0, 'ETH')).toBe('0.0000 ETH');
    expect(percentText(0.8642)).toBe('86.4 %');
    expect(percentText(0.013552)).toBe('1.36 %');
  });

  it('has one unit for each Greek', () => {
    const units = { underlying: 'BTC', spotUsd: 91_676.08, numeraire: 'USD' };
    expect(deltaText(0.0563208, units)).toBe('0.0563 BTC (5,163.27 USD)');
    expect(gammaText(-0.000621359, units)).toBe(
      '−52,222.14 USD of delta per 1 % (−0.00062136 BTC per 1 USD)',
    );
    expect(vegaText(-33_016.4, units)).toBe('−330.16 USD per vol point');
    expect(thetaText(365_000, units)).toBe('1,000.00 USD per day');
    expect(vegaText(-0.36, { numeraire: 'BTC' })).toBe('−0.003600 BTC per vol point');
  });

  it('says a delta in units alone where nobody knows the price', () => {
    const units = { underlying: 'BTC', spotUsd: 0, numeraire: 'USD' };
    expect(deltaText(-1.5, units)).toBe('−1.5000 BTC');
    expect(gammaText(-0.0005, units)).toBe('−0.00050000 BTC per 1 USD');
  });
});
