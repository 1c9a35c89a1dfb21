// Mark to order through the real services, next to a bare relay of the same number of durable hops in the same run. Both by the
// server's own timestamps: from the storing of the market's clock message to the storing of the order intent (three hops: risk,
// strategy, execution). Between them, hop by hop, what each commit says of itself: when its cause was taken and when it was
// decided.
import { relayOneByOne } from './bare-relay.mjs';
import { runTape, withStack } from './service-tape.mjs';

const HOPS = ['risk', 'strategy', 'execution'];

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

const micros = (from, to) => Number(to - from) / 1_000;

/** By order: the times of its way, hop by hop, in order. */
function waysOf({ instants, commits }) {
  const byId = new Map(commits.map((one) => [one.commit.commitId, one]));
  const ways = [];
  for (const order of commits) {
    const event = order.commit.events[0]?.event;
    const marked = event?.type === 'OrderIntended' ? instants.get(event.payload.at) : undefined;
    if (marked === undefined) continue;
    const decision = byId.get(order.commit.causation.commitId);
    const snapshot = byId.get(decision?.commit.causation.commitId);
    if (decision === undefined || snapshot === undefined) continue;
    const times = [snapshot, decision, order].flatMap(({ commit: { clock }, storedAt }) => [
      clock.receivedTime,
      clock.decidedTime,
      storedAt,
    ]);
    ways.push([marked, ...times]);
  }
  // The first half warms the compilers up; the relay's few lines need no such thing.
  return ways.slice(ways.length >> 1);
}

/** The steps of a way as rows: since the step before, the median and the 99th of a hundred. */
function timelineOf(ways, names) {
  return names.map((name, index) => {
    const steps = ways.map((times) => micros(times[index], times[index + 1]));
    return { step: name, p50: Math.round(quantile(steps, 0.5)), p99: Math.round(quantile(steps, 0.99)) };
  });
}

function say(title, timeline) {
  process.stderr.write(`  ${title}, µs since the step before (p50, p99)\n`);
  for (const { step, p50, p99 } of timeline)
    process.stderr.write(
      `    ${step.padEnd(44)}${String(p50).padStart(8)}${String(p99).padStart(8)}  ${'▪'.repeat(Math.max(0, Math.round(p50 / 50)))}\n`,
    );
}

export default function bench({ quick }) {
  return withStack(async (stack, home) => {
    const ways = waysOf(await runTape(stack, home, { days: quick ? 2 : 8 }));
    const relayed = await relayOneByOne(home, HOPS.length, ways.length);
    const services = ways.map((times) => micros(times[0], times.at(-1)));
    const relay = relayed.map((hops) => micros(hops[0].storedAt, hops.at(-1).storedAt));
    const timeline = timelineOf(
      ways,
      HOPS.flatMap((hop) => [`taken by ${hop}`, `decided by ${hop}`, `stored, signed by ${hop}`]),
    );
    const ofRelay = timelineOf(
      relayed.map((hops) => [hops[0].storedAt, ...hops.slice(1).flatMap((m) => [m.receivedAt, m.storedAt])]),
      HOPS.flatMap((_, hop) => [`received by hop ${hop + 1}`, `stored by hop ${hop + 1}`]),
    );
    say('mark to order intent', timeline);
    say('bare relay', ofRelay);
    const row = (metric, share) => {
      const value = quantile(services, share);
      const ratio = value / quantile(relay, share);
      return {
        metric,
        value,
        unit: 'µs',
        against: `bare relay, ${Math.round(quantile(relay, share))} µs`,
        ratio,
        before: true,
        lessIsBetter: true,
        aims: { ratio: { max: 1.5 } },
        note: `${services.length} orders`,
      };
    };
    return {
      name: 'latency',
      timeline,
      relay: ofRelay,
      rows: [row('mark to order intent, p50', 0.5), row('mark to order intent, p99', 0.99)],
    };
  });
}
