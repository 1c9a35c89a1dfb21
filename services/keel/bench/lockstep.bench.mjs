// A frozen market through all five services in lockstep, as fast as they settle, beside a bare relay of as many durable hops
// that has as many messages under way as it likes. By the server's timestamps, from the first market message to the last commit.
// Both builds make as many commits of it; the one before counts wake-ups among its instants, so only commits are set beside each other.
// The build before acknowledged before it was on the disk: beside it stands today's with a server that does the same.
import { relayPipelined } from './bare-relay.mjs';
import { runTape, withStack } from './service-tape.mjs';

const HOPS = 3;

async function speedsOf(days, books, durability) {
  return withStack(async (stack, home) => {
    const { instants, commits } = await runTape(stack, home, { days, books });
    const first = [...instants.values()][0];
    const taken = commits.filter(({ storedAt }) => storedAt >= first);
    const seconds = Number(taken.at(-1).storedAt - first) / 1e9;
    return {
      commits: taken.length / seconds,
      note: `${taken.length} commits, ${instants.size} instants`,
    };
  }, durability);
}

export default async function bench({ quick }) {
  const messages = quick ? 2_000 : 10_000;
  const relay = await withStack((_stack, home) => relayPipelined(home, HOPS, messages));
  const rowsOf = async (what, days, books) => {
    const synced = await speedsOf(days, books);
    const unsynced = await speedsOf(days, books, 'unsynced');
    const commits = { unit: 'commits/s', aims: { value: { min: 2_000 } } };
    return [
      {
        ...commits,
        metric: `services in lockstep over a tape, ${what}`,
        value: synced.commits,
        against: `bare relay, pipelined, ${Math.round(relay)} messages/s`,
        ratio: synced.commits / relay,
        note: synced.note,
      },
      {
        ...commits,
        metric: `the same, acknowledged before it is on the disk, ${what}`,
        value: unsynced.commits,
        before: true,
        note: `${unsynced.note}; the build before never syncs`,
      },
    ];
  };
  return {
    name: 'lockstep',
    rows: [
      ...(await rowsOf('one book', quick ? 1 : 4, 1)),
      ...(await rowsOf('16 books in 16 partitions', quick ? 1 : 2, 16)),
    ],
  };
}
