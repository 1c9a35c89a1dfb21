import { importing, rowsOf, table } from './import.test-support';

const CBOE =
  'underlying_symbol,quote_date,root,expiration,strike,option_type,open,high,low,close,trade_volume,bid_size_1545,bid_1545,' +
  'ask_size_1545,ask_1545,underlying_bid_1545,underlying_ask_1545,implied_underlying_price_1545,' +
  'active_underlying_price_1545,implied_volatility_1545,delta_1545,gamma_1545,theta_1545,vega_1545,rho_1545,' +
  'bid_size_eod,bid_eod,ask_size_eod,ask_eod,underlying_bid_eod,underlying_ask_eod,vwap,open_interest,delivery_code';
const cboe = (
  root: string,
  expiration: string,
  side: string,
  bid: number,
  ask: number,
  volatility = 0.22,
): string =>
  `^SPX,2021-01-04,${root},${expiration},3700,${side},1,1,1,1,5,10,${bid},10,${ask},3699,3701,3700,3700,${volatility},0.5,0,0,0,0,1,1,1,1,1,1,1,1,`;
const DX_SIDE = (side: string): string =>
  ['DELTA', 'GAMMA', 'VEGA', 'THETA', 'RHO', 'IV', 'VOLUME', 'LAST', 'SIZE', 'BID', 'ASK']
    .map((name) => `[${side}_${name}]`)
    .join(', ');
const DX = `[QUOTE_UNIXTIME], [QUOTE_READTIME], [QUOTE_DATE], [QUOTE_TIME_HOURS], [UNDERLYING_LAST], [EXPIRE_DATE], [EXPIRE_UNIX], [DTE], ${DX_SIDE('C')}, [STRIKE], ${DX_SIDE('P')}, [STRIKE_DISTANCE], [STRIKE_DISTANCE_PCT]`;
const dx = (bid: string, volatility = '0.22'): string =>
  `1609794000, 2021-01-04 16:00, 2021-01-04, 16.0, 3700, 2021-01-15, 1610744400, 11, 0.5, 0, 0, 0, 0, ${volatility}, 1, 1, 1 x 1, ${bid}, 57, 3700, 0.5, 0, 0, 0, 0, ${volatility}, 1, 1, 1 x 1, 56, 57, 0, 0`;
const ORATS =
  'ticker,tradeDate,expirDate,dte,strike,stockPrice,callVolume,callOpenInterest,callBidSize,callAskSize,putVolume,putOpenInterest,' +
  'putBidSize,putAskSize,callBidPrice,callValue,callAskPrice,putBidPrice,putValue,putAskPrice,callBidIv,callMidIv,callAskIv,smvVol,' +
  'putBidIv,putMidIv,putAskIv,residualRate,delta,gamma,theta,vega,rho,phi,driftlessTheta,callSmvVol,putSmvVol,extSmvVol,' +
  'extCallValue,extPutValue,spotPrice,quoteDate,updatedAt,snapShotEstTime,snapShotDate,expiryTod,tickerId,monthId';
const orats = (tod: string): string =>
  `SPX,2021-01-04,2021-01-15,11,3700,3700,1,1,1,1,1,1,1,1,56,56.5,57,56,56.5,57,0.22,0.2205,0.22,0.22,0.22,0.2205,0.22,0,0.5,0,0,0,0,0,0,0.22,0.22,0.22,1,1,3700,2021-01-04T20:00:00Z,2021-01-04T20:00:01Z,1,1,${tod},1,1`;

describe('chains of index options', () => {
  it('are read of Cboe, known a quarter of an hour before the close, the forward by parity', () => {
    const { files } = importing({
      'c.csv': table(
        CBOE,
        cboe('SPXW', '2021-01-15', 'C', 56, 57),
        cboe('SPXW', '2021-01-15', 'P', 55, 56),
        cboe('SPXW', '2021-01-15', 'P', 55, 56).replace(',3700,P', ',3705,P').replace(',55,', ',0,'),
      ),
    });
    expect(rowsOf(files, 'chain-SPX@cboe.csv.gz')).toEqual([
      '2021-01-04T20:45:00Z,SPXW210115C03700000,3701,56,57,56.5,0.22,3700,SPX',
      '2021-01-04T20:45:00Z,SPXW210115P03700000,3701,55,56,55.5,0.22,3700,SPX',
    ]);
  });

  it('are read of OptionsDX, call and put in one row, for the root that was said', () => {
    const { files } = importing({ 'd.txt': table(DX, dx('56')) }, { root: 'SPXW' });
    expect(rowsOf(files, 'chain-SPX@cboe.csv.gz').map((row) => row.split(',').slice(0, 3).join(','))).toEqual(
      ['2021-01-04T21:00:00Z,SPXW210115C03700000,3700', '2021-01-04T21:00:00Z,SPXW210115P03700000,3700'],
    );
  });

  it('are read of ORATS, the root by the time of day on which they end', () => {
    for (const [tod, root] of [
      ['pm', 'SPXW'],
      ['am', 'SPX'],
    ] as const)
      expect(
        rowsOf(importing({ 'o.csv': table(ORATS, orats(tod)) }).files, 'chain-SPX@cboe.csv.gz')[0],
      ).toContain(`${root}210115C03700000,3700,56,57,56.5,0.2205,3700`);
  });

  it.each([
    [
      'a root that is not known',
      { 'c.csv': table(CBOE, cboe('SPY', '2021-01-15', 'C', 56, 57)) },
      {},
      /"SPY210115C03700000" is not an instrument we know on cboe/,
    ],
    [
      'no root',
      { 'd.txt': table(DX, dx('56')) },
      {},
      /does not name the root of its options: say it with --root/,
    ],
    [
      'volatilities in per cent',
      {
        'c.csv': table(
          CBOE,
          cboe('SPXW', '2021-01-15', 'C', 56, 57, 22),
          cboe('SPXW', '2021-01-15', 'P', 56, 57, 22),
        ),
      },
      {},
      /c\.csv:2, of which came chain-SPX@cboe\.csv\.gz:2: /,
    ],
    [
      'a bid above its ask',
      { 'd.txt': table(DX, dx('58')) },
      { root: 'SPXW' },
      /d\.txt:2: bid 58 lies above ask 57/,
    ],
    [
      'two days in one row',
      { 'd.txt': table(DX, dx('56').replace('2021-01-04, 16.0', '2021-01-05, 16.0')) },
      { root: 'SPXW' },
      /QUOTE_UNIXTIME 1609794000 is not on QUOTE_DATE 2021-01-05 in New York/,
    ],
    [
      'a time without its zone',
      { 'o.csv': table(ORATS, orats('pm').replace('T20:00:00Z', 'T20:00:00')) },
      {},
      /o\.csv:2: quoteDate "2021-01-04T20:00:00" has no zone/,
    ],
    [
      'an end of no time of day',
      { 'o.csv': table(ORATS, orats('')) },
      {},
      /expiryTod "" is neither am nor pm/,
    ],
    [
      'a lacking column',
      {
        'c.csv': table(
          CBOE.replace(',root', ''),
          cboe('SPXW', '2021-01-15', 'C', 56, 57).replace(',SPXW', ''),
        ),
      },
      {},
      /nearly cboe-eod-calcs, but lacks "root"/,
    ],
  ] as const)('are refused with %s', (_, texts, asked, message) => {
    expect(() => importing(texts, asked)).toThrow(message);
  });
});
