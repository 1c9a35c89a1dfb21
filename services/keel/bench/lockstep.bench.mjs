// The built-in market through all five services in lockstep, as fast as they settle, beside a bare relay of as many durable hops
// that has as many messages under way as it likes. By the server's timestamps, from the first market message to the last commit.
import { relayPipelined } from './bare-relay.mjs';
import { runTape, withStack } from './service-tape.mjs';

const HOPS = 3;

async function commitsPerSecond(days, books) {
  return withStack(async (stack, home) => {
    const { instants, commits } = await runTape(stack, home, { days, books });
    const first = [...instants.values()][0];
    const taken = commits.filter(({ storedAt }) => storedAt >= first);
    const seconds = Number(taken.at(-1).storedAt - first) / 1e9;
    return { value: taken.length / seconds, commits: taken.length, instants: instants.size };
  });
}

export default async function bench({ quick }) {
  const relay = await withStack((_stack, home) => relayPipelined(home, HOPS, quick ? 2_000 : 10_000));
  const row = async (metric, days, books) => {
    const { value, commits, instants } = await commitsPerSecond(days, books);
    return {
      metric,
      value,
      unit: 'commits/s',
      against: `bare relay, pipelined, ${Math.round(relay)} messages/s`,
      ratio: value / relay,
      before: true,
      aim: '≥ 2,000/s',
      met: value >= 2_000,
      note: `${commits} commits, ${instants} instants`,
    };
  };
  return {
    name: 'lockstep',
    rows: [
      await row('services in lockstep over a tape, one book', quick ? 1 : 4, 1),
      await row('services in lockstep over a tape, 64 books in 16 partitions', quick ? 1 : 2, 64),
    ],
  };
}
