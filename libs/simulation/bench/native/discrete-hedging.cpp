// QuantLib's Monte Carlo framework doing the work of its DiscreteHedging example, one thread: a short one-month call at the money,
// delta-hedged at even intervals. Usage: discrete-hedging <paths> <rebalances>. Prints one JSON line: processor seconds of the
// simulation and the mean and standard deviation of the P&L at expiry.
#include <ql/instruments/payoffs.hpp>
#include <ql/math/statistics/statistics.hpp>
#include <ql/methods/montecarlo/mctraits.hpp>
#include <ql/methods/montecarlo/montecarlomodel.hpp>
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
using namespace QuantLib;

static const Real SPOT = 100, STRIKE = 100, VOLATILITY = 0.2, RATE = 0.05;
static const Time EXPIRY = 1.0 / 12;

static BlackCalculator black(Real spot, Time left) {
  const DiscountFactor discount = std::exp(-RATE * left);
  return BlackCalculator(ext::make_shared<PlainVanillaPayoff>(Option::Call, STRIKE), spot / discount,
                         VOLATILITY * std::sqrt(left), discount);
}

class HedgedCall : public PathPricer<Path> {
 public:
  Real operator()(const Path& path) const override {
    const Size steps = path.length() - 1;
    const Time interval = EXPIRY / steps;
    const Real growth = std::exp(RATE * interval);
    BlackCalculator start = black(path[0], EXPIRY);
    Real held = start.delta(path[0]);
    Real cash = start.value() - held * path[0];
    for (Size i = 1; i < steps; i++) {
      cash *= growth;
      const Real wanted = black(path[i], EXPIRY - i * interval).delta(path[i]);
      cash -= (wanted - held) * path[i];
      held = wanted;
    }
    return cash * growth + held * path[steps] - std::max(path[steps] - STRIKE, 0.0);
  }
};

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const Size paths = std::atoi(argv[1]), rebalances = std::atoi(argv[2]);
  const Date today(22, November, 2026);
  Settings::instance().evaluationDate() = today;
  Handle<Quote> spot(ext::make_shared<SimpleQuote>(SPOT));
  Handle<YieldTermStructure> rate(ext::make_shared<FlatForward>(today, RATE, Actual365Fixed()));
  Handle<YieldTermStructure> yield(ext::make_shared<FlatForward>(today, 0.0, Actual365Fixed()));
  Handle<BlackVolTermStructure> vol(
      ext::make_shared<BlackConstantVol>(today, NullCalendar(), VOLATILITY, Actual365Fixed()));
  auto process = ext::make_shared<BlackScholesMertonProcess>(spot, yield, rate, vol);
  typedef SingleVariate<PseudoRandom>::path_generator_type Generator;
  auto generator = ext::make_shared<Generator>(process, EXPIRY, rebalances,
                                               PseudoRandom::make_sequence_generator(rebalances, 42), false);
  const std::clock_t begun = std::clock();
  MonteCarloModel<SingleVariate, PseudoRandom> model(generator, ext::make_shared<HedgedCall>(), Statistics(), false);
  model.addSamples(paths);
  const double seconds = double(std::clock() - begun) / CLOCKS_PER_SEC;
  std::printf("{\"seconds\":%.6f,\"mean\":%.6f,\"std\":%.6f}\n", seconds, model.sampleAccumulator().mean(),
              model.sampleAccumulator().standardDeviation());
  return 0;
}
