#!/usr/bin/env bash
# Guess: QuantLib's vanna-volga engine of barriers takes an option's time from the option; volatilities quoted for another expiry are
# refused, or used as they stand. In a flat market of 10 % an up-and-out call of 182 days is Black and Scholes' 0.03245.
# Seen (QuantLib 1.29): neither. The vanilla that bounds and corrects the price has the expiry of the quotes, without a word. Quoted
# for 30 days, the same flat 10 % make it 0.01593, which is the vanilla of 30 days (a knock-out is worth no more); for 150 days
# or more, 0.03245. With wings, quotes of a year move it from 0.02432 to 0.02762. With adaptVanDelta and no price of the
# smile beside it, which is 0 by default, it is worth 0.
# What it taught: one T is of the option, of its quotes and of its vanilla, whose value comes from the same quotes unless its own volatility
# is given (libs/pricing/src/exotic/vanna-volga.ts).
# Needs: Debian 12 with its Python 3.11 and apt-get. Unpacks into a temporary folder, installs nothing; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q=2 libquantlib0v5=1.29-1 quantlib-python=1.29-1+b1 2>/dev/null
for package in *.deb; do dpkg-deb --extract "$package" root; done
cat >seen.py <<'PY'
import math
import QuantLib as ql

today = ql.Date(30, 11, 2026)
ql.Settings.instance().evaluationDate = today
day = ql.Actual365Fixed()
SPOT, STRIKE, BARRIER, DOMESTIC, FOREIGN, FLAT, DAYS = 1.3, 1.3, 1.5, 0.03, 0.01, 0.10, 182

def curve(rate):
    return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, day))

def quote(value):
    return ql.QuoteHandle(ql.SimpleQuote(value))

payoff = ql.PlainVanillaPayoff(ql.Option.Call, STRIKE)
option = ql.BarrierOption(ql.Barrier.UpOut, BARRIER, 0.0, payoff, ql.EuropeanExercise(today + DAYS))

def black_scholes():
    volatility = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), FLAT, day))
    process = ql.BlackScholesMertonProcess(quote(SPOT), curve(FOREIGN), curve(DOMESTIC), volatility)
    option.setPricingEngine(ql.AnalyticBarrierEngine(process))
    return option.NPV()

def vanna_volga(days, put, call, *more):
    t = days / 365
    def wing(delta, volatility):
        return ql.DeltaVolQuoteHandle(ql.DeltaVolQuote(delta, quote(volatility), t, ql.DeltaVolQuote.Fwd))
    middle = ql.DeltaVolQuote(quote(FLAT), ql.DeltaVolQuote.Fwd, t, ql.DeltaVolQuote.AtmDeltaNeutral)
    market = (quote(SPOT), curve(DOMESTIC), curve(FOREIGN))
    option.setPricingEngine(ql.VannaVolgaBarrierEngine(
        ql.DeltaVolQuoteHandle(middle), wing(-0.25, put), wing(0.25, call), *market, *more))
    return option.NPV()

def vanilla(days):
    t = days / 365
    forward = SPOT * math.exp((DOMESTIC - FOREIGN) * t)
    return ql.blackFormula(ql.Option.Call, STRIKE, forward, FLAT * math.sqrt(t), math.exp(-DOMESTIC * t))

seen = {
    'Black-Scholes': (black_scholes(), 0.032449),
    'flat, quoted for 182 days': (vanna_volga(182, FLAT, FLAT), 0.032449),
    'flat, quoted for 150 days': (vanna_volga(150, FLAT, FLAT), 0.032449),
    'flat, quoted for 30 days': (vanna_volga(30, FLAT, FLAT), 0.015935),
    'vanilla of 30 days': (vanilla(30), 0.015935),
    'wings, quoted for 182 days': (vanna_volga(182, 0.115, 0.105), 0.024322),
    'wings, quoted for 365 days': (vanna_volga(365, 0.115, 0.105), 0.027616),
    'wings and adaptVanDelta': (vanna_volga(182, 0.115, 0.105, True), 0.0),
}
print('QuantLib', ql.__version__)
for what, (price, _) in seen.items():
    print(f'{what}: {price:.6f}')
same = ql.__version__ == '1.29' and all(abs(price - wanted) < 2e-6 for price, wanted in seen.values())
raise SystemExit(0 if same else 1)
PY
PYTHONPATH=root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=root/usr/lib /usr/bin/python3 seen.py || { echo 'this has changed'; exit 1; }
echo 'as described'
