// The built-in market through all five services in lockstep, as fast as they settle, beside a bare relay of as many durable hops
// that has as many messages under way as it likes. By the server's timestamps, from the first market message to the last commit.
// Instants a second stand beside the commits: what a build says of a quiet instant is not what another says.
import { relayPipelined } from './bare-relay.mjs';
import { runTape, withStack } from './service-tape.mjs';

const HOPS = 3;

async function speedsOf(days, books) {
  return withStack(async (stack, home) => {
    const { instants, commits } = await runTape(stack, home, { days, books });
    const first = [...instants.values()][0];
    const taken = commits.filter(({ storedAt }) => storedAt >= first);
    const seconds = Number(taken.at(-1).storedAt - first) / 1e9;
    return {
      commits: taken.length / seconds,
      instants: instants.size / seconds,
      note: `${taken.length} commits, ${instants.size} instants`,
    };
  });
}

export default async function bench({ quick }) {
  const relay = await withStack((_stack, home) => relayPipelined(home, HOPS, quick ? 2_000 : 10_000));
  const rowsOf = async (what, days, books) => {
    const speeds = await speedsOf(days, books);
    return [
      {
        metric: `services in lockstep over a tape, ${what}`,
        value: speeds.commits,
        unit: 'commits/s',
        against: `bare relay, pipelined, ${Math.round(relay)} messages/s`,
        ratio: speeds.commits / relay,
        before: true,
        aim: '≥ 2,000/s',
        met: speeds.commits >= 2_000,
        note: speeds.note,
      },
      { metric: `the same by instants, ${what}`, value: speeds.instants, unit: 'instants/s', before: true },
    ];
  };
  return {
    name: 'lockstep',
    rows: [
      ...(await rowsOf('one book', quick ? 1 : 4, 1)),
      ...(await rowsOf('64 books in 16 partitions', quick ? 1 : 2, 64)),
    ],
  };
}
