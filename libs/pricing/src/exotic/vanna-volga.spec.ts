import { priceEuropean } from '../door/european';
import { impliedVolatility } from '../door/implied-volatility';
import { priceVannaVolga } from './vanna-volga';

interface Table {
  readonly market: Readonly<Record<'S' | 'q' | 'r' | 'T' | 'vol25Put' | 'volAtm' | 'vol25Call', number>>;
  readonly strikes: readonly number[];
  readonly sigmas: readonly number[];
  /** By kind, side and barrier: a value per strike. */
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

/** QuantLib, `test-suite/barrieroption.cpp`, `testVannaVolgaSimpleBarrierValues`: EUR/USD, values per strike to four digits. */
const TABLES: readonly Table[] = [
  {
    market: {
      S: 1.30265,
      q: 0.0003541,
      r: 0.0033871,
      T: 1,
      vol25Put: 0.10087,
      volAtm: 0.08925,
      vol25Call: 0.08463,
    },
    strikes: [1.13321, 1.22687, 1.31179, 1.38843, 1.46047],
    sigmas: [0.11638, 0.10088, 0.08925, 0.08463, 0.08412],
    rows: {
      'UpOut call 1.5': [0.148127, 0.075943, 0.0274771, 0.00573, 0.00012],
      'UpOut put 1.5': [0.00697606, 0.020078, 0.0489395, 0.0969877, 0.157],
      'UpIn call 1.5': [0.0322202, 0.0241491, 0.0164275, 0.01, 0.00489],
      'UpIn put 1.5': [0.000560713, 0.000546804, 0.000130649, 0.000300828, 0.00135],
      'DownOut call 1.1': [0.17746, 0.0994142, 0.0439, 0.01574, 0.00501],
      'DownOut call 1.3': [0.00612, 0.00426, 0.00257, 0.00122, 0.00045],
      'DownOut put 1.1': [0.00022, 0.00284, 0.02032, 0.058235, 0.109432],
      'DownOut put 1.3': [0, 0, 0, 0.00017, 0.00083],
      'DownIn call 1.1': [0.00289, 0.00067784, 0, 0, 0],
      'DownIn call 1.3': [0.17423, 0.09584, 0.04133, 0.01452, 0.00456],
      'DownIn put 1.1': [0.00732, 0.01778, 0.02875, 0.0390535, 0.0489236],
      'DownIn put 1.3': [0.00753, 0.02062, 0.04907, 0.09711, 0.15752],
    },
  },
  {
    market: {
      S: 1.30265,
      q: 0.0009418,
      r: 0.0039788,
      T: 2,
      vol25Put: 0.10891,
      volAtm: 0.09525,
      vol25Call: 0.09197,
    },
    strikes: [1.06145, 1.19545, 1.32238, 1.44298, 1.56345],
    sigmas: [0.12511, 0.1089, 0.09444, 0.09197, 0.09261],
    rows: {
      'UpOut call 1.6': [0.20493, 0.105577, 0.0358872, 0.00634958, 0],
      'UpOut put 1.6': [0.0108218, 0.0313339, 0.0751237, 0.153407, 0.253767],
      'UpIn call 1.6': [0.05402, 0.0410069, 0.0279562, 0.0173055, 0.00764],
      'UpIn put 1.6': [0.000962737, 0.00102637, 0.000419834, 0.00159277, 0.00473629],
      'DownOut call 1': [0.255098, 0.145701, 0.06384, 0.02366, 0.00764],
      'DownOut call 1.3': [0.00592, 0.00421, 0.00256, 0.0012, 0.0004],
      'DownOut put 1': [0, 0.00280549, 0.0279945, 0.0896352, 0.175182],
      'DownOut put 1.3': [0, 0, 0, 0.0002, 0.00096],
      'DownIn call 1': [0.00384783, 0.000883232, 0, 0, 0],
      'DownIn call 1.3': [0.25302, 0.14238, 0.06128, 0.02245, 0.00725],
      'DownIn put 1': [0.01178, 0.0295548, 0.047549, 0.0653642, 0.0833221],
      'DownIn put 1.3': [0.01178, 0.03236, 0.07554, 0.15479, 0.25754],
    },
  },
];
const MARKET = (TABLES[0] as Table).market; // two tables

describe('vanna-volga', () => {
  // Two rows (up, call, lowest strike of the second table) are 1.1e-4 off: the source takes vega and volga by forward differences
  // of 0.0001; with those instead of exact slopes they are 6e-5 off.
  it('reproduces the published barrier options', () => {
    let [rows, worst] = [0, 0];
    for (const { market, strikes, sigmas, rows: table } of TABLES) {
      for (const [name, printed] of Object.entries(table)) {
        const [barrier_type, type, barrier] = name.split(' ');
        printed.forEach((value, i) => {
          const terms = {
            ...market,
            type,
            barrier_type,
            barrier: Number(barrier),
            K: strikes[i],
            sigma: sigmas[i],
          };
          const error = Math.abs(priceVannaVolga(terms).value - value);
          rows += 1;
          worst = Math.max(worst, error);
          const known = name.endsWith('call 1.6') && i === 0;
          if (error < 1e-4 === known) throw new Error(`${name} at ${strikes[i]}: off by ${error}`);
        });
      }
    }
    process.stderr.write(
      `vanna-volga: ${rows} published barrier options, worst off by ${worst.toExponential(1)}\n`,
    );
  });

  it('gives the three quotes back, and between them a smile', () => {
    const { strike25Put, strikeAtm, strike25Call } = priceVannaVolga({ ...MARKET, type: 'call', K: 1.3 });
    const volatilityAt = (K: number): number => {
      const { S, T, r, q } = MARKET;
      const { value } = priceVannaVolga({ ...MARKET, type: 'call', K });
      return impliedVolatility('european', { type: 'call', S, K, T, r, q, price: value });
    };
    expect(volatilityAt(strike25Put)).toBeCloseTo(MARKET.vol25Put, 10);
    expect(volatilityAt(strikeAtm)).toBeCloseTo(MARKET.volAtm, 10);
    expect(volatilityAt(strike25Call)).toBeCloseTo(MARKET.vol25Call, 10);
    const between = volatilityAt(Math.sqrt(strike25Put * strikeAtm));
    expect(between).toBeGreaterThan(MARKET.volAtm);
    expect(between).toBeLessThan(MARKET.vol25Put);
    const { S, T, r, q } = MARKET;
    const delta = priceEuropean({ type: 'put', S, K: strike25Put, T, r, q, sigma: MARKET.vol25Put }).delta;
    expect(delta * Math.exp(q * T)).toBeCloseTo(-0.25, 12);
  });

  it('is Black–Scholes on a flat smile, Greeks and all', () => {
    const flat = { S: 100, T: 0.7, r: 0.03, q: 0.01, vol25Put: 0.2, volAtm: 0.2, vol25Call: 0.2 };
    for (const type of ['call', 'put'] as const) {
      const { S, T, r, q } = flat;
      const expected = priceEuropean({ type, S, K: 105, T, r, q, sigma: 0.2 });
      const found = priceVannaVolga({ ...flat, type, K: 105 });
      for (const name of [
        'value',
        'delta',
        'gamma',
        'vega',
        'theta',
        'rho',
        'dividendRho',
        'vanna',
        'volga',
        'charm',
      ] as const)
        expect(Math.abs((found[name] ?? NaN) - expected[name])).toBeLessThan(
          1e-5 * (1 + Math.abs(expected[name])),
        );
    }
  });

  it('makes the plain option of in and out, and keeps each between nothing and it', () => {
    for (const K of [1.1, 1.3, 1.5]) {
      for (const [inside, out, barrier] of [
        ['UpIn', 'UpOut', 1.42],
        ['DownIn', 'DownOut', 1.2],
      ] as const) {
        const at = { ...MARKET, type: 'call', K, barrier };
        const [first, second] = [inside, out].map((barrier_type) => priceVannaVolga({ ...at, barrier_type }));
        expect((first?.value ?? NaN) + (second?.value ?? NaN)).toBeCloseTo(first?.vanillaValue ?? NaN, 14);
        expect(second?.value).toBeGreaterThanOrEqual(0);
        expect(second?.survival).toBeGreaterThan(0);
        expect(second?.survival).toBeLessThan(1);
      }
    }
    const touched = { ...MARKET, type: 'call', K: 1.3, barrier: 1.3, barrier_type: 'UpOut' };
    expect(priceVannaVolga(touched).value).toBe(0);
    expect(priceVannaVolga({ ...touched, barrier_type: 'UpIn' }).value).toBe(
      priceVannaVolga({ ...MARKET, type: 'call', K: 1.3 }).value,
    );
  });

  it('refuses quotes whose strikes cross, and a rebate', () => {
    expect(() =>
      priceVannaVolga({ ...MARKET, type: 'call', K: 1.3, vol25Call: 0.0001, volAtm: 0.5, vol25Put: 0.02 }),
    ).toThrow(/volAtm/);
    expect(() =>
      priceVannaVolga({ ...MARKET, type: 'call', K: 1.3, barrier_type: 'UpOut', barrier: 1.5, rebate: 1 }),
    ).toThrow(/rebate/);
    expect(() => priceVannaVolga({ ...MARKET, type: 'call', K: 1.3, T: 0 })).toThrow(/T must/);
  });
});
