// The price of an option on a lognormal quantity, as a jet: what the averages and Merton's mixture are made of.
import { Jet, constant, jetLog, jetNormCdf, jetSqrt } from './jet';

/**
 * Undiscounted w (M N(w d1) - K N(w d2)) for a lognormal with mean M and log-variance `variance`; w is +1 or -1.
 * A strike at or below zero is certain to be passed.
 */
export function lognormalOption(w: f64, mean: Jet, strike: Jet, variance: Jet): Jet {
  if (strike.one <= 0.0) return w > 0.0 ? mean - strike : constant(0.0);
  const deviation = jetSqrt(variance);
  const d1 = (jetLog(mean) - jetLog(strike)) / deviation + deviation.times(0.5);
  const d2 = d1 - deviation;
  return (mean * jetNormCdf(d1.times(w)) - strike * jetNormCdf(d2.times(w))).times(w);
}
