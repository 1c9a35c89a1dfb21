// Entry of the pricing kernel: everything exported here is callable from the typed door in ../src.
export { allocate, resultAddress } from './memory';
export { exp as mathExp, expm1 as mathExpm1 } from './math/exponential';
export { log as mathLog, log1p as mathLog1p } from './math/logarithm';
export { pow as mathPow, cbrt as mathCbrt } from './math/power';
export {
  sin as mathSin,
  cos as mathCos,
  tan as mathTan,
  atan as mathAtan,
  atan2 as mathAtan2,
} from './math/trigonometric';
export { sinh as mathSinh, cosh as mathCosh, tanh as mathTanh } from './math/hyperbolic';
export {
  erf as mathErf,
  erfc as mathErfc,
  erfcx as mathErfcx,
  normPdf as mathNormPdf,
  normCdf as mathNormCdf,
  normInv as mathNormInv,
} from './math/normal';
export { digitalEuropean, digitalTouch } from './exotic/digital';
export { barrierEuropean } from './exotic/barrier';
export { doubleBarrier } from './exotic/double-barrier';
export {
  densityFactor,
  sviCurvature,
  sviDensityFactor,
  sviDensityFactors,
  sviSlope,
  sviTotalVariance,
  sviTotalVariances,
} from './smile/svi';
export {
  sabrAndersenVolatility,
  sabrHaganVolatility,
  sabrNormalBackboneVolatility,
  sabrNormalVolatility,
  sabrOblojVolatility,
} from './smile/sabr';
export { blackOption } from './black/option';
export { legsAllGreeks, legsFirstGreeks, legsTotals } from './black/batch';
export { mertonOption } from './exotic/merton';
export { americanOption, americanValue } from './exotic/american';
export { qdPlusPutBoundary } from './exotic/american-qd-plus';
export { blackImplied, legsImplied } from './black/implied';
export { americanApproximation } from './exotic/american-approximations';
export { legsGrid } from './black/grid';
export { asianContinuous, asianDiscrete } from './exotic/asian';
export { asianExactContinuous, asianExactDiscrete } from './exotic/asian-exact';
export { asianFixingLimit, asianFixingTimes, asianVolatilityOffsets } from './exotic/asian-schedule';
export { hestonOption } from './exotic/heston';
export { americanKnockIn } from './exotic/american-knock-in';
export { americanOnGrid } from './exotic/exercise-grid-greeks';
export { gridDividendAmounts, gridDividendLimit, gridDividendTimes } from './exotic/exercise-grid';
export { hestonAmerican } from './exotic/heston-grid';
export { pathNormals, pathUniforms } from './paths/random';
export { pathQuantile } from './paths/quantile';
export { pathGrow } from './paths/prices';
export { pathOption } from './paths/option';
export { pathTrade } from './paths/trades';
