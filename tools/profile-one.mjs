// Profiles lab runs of one checkout in a process of its own: where the processor's time goes, and who allocates. JSON on stdout.
import { Session } from 'node:inspector';
import { requireMeasured } from './bench-tree.mjs';

const [days, rounds] = process.argv.slice(2).map(Number);
const require = requireMeasured(new URL('../libs/lab/package.json', import.meta.url).href);
try {
  require('@evenkeel/platform');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error; // the build before has no such package
}
const { runInProcess } = require('@evenkeel/lab');
const { demonstrationMarket } = require('@evenkeel/market');
const { tape, book } = demonstrationMarket('bench', days);
const once = () => runInProcess({ tape, books: [{ file: book, source: 'bench' }] });

const session = new Session();
session.connect();
/** Answers of this session come before the call returns. */
function post(method, parameters) {
  let answer;
  session.post(method, parameters, (error, result) => {
    if (error) throw error;
    answer = result;
  });
  return answer;
}

for (let round = 0; round < rounds; round += 1) once(); // what follows is compiled code
post('Profiler.enable');
post('Profiler.setSamplingInterval', { interval: 200 });
post('Profiler.start');
const started = process.cpuUsage();
let run;
for (let round = 0; round < rounds; round += 1) run = once();
const used = process.cpuUsage(started);
const { profile } = post('Profiler.stop');
const events = run.instants + run.journal.all.length;

post('HeapProfiler.startSampling', {
  samplingInterval: 16_384,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
});
once();
const heap = post('HeapProfiler.stopSampling').profile;

const place = ({ functionName, url }) => {
  const file = url.replace(/^file:\/\//, '').replace(/^.*\/(libs|services|node_modules)\//, '');
  return { name: functionName === '' ? '(anonymous)' : functionName, file: file.replace('/dist/', '/') };
};

/** Frames as a tree: each with the time in it alone, in microseconds. */
function timeTree() {
  const self = new Map();
  profile.samples.forEach((id, index) => self.set(id, (self.get(id) ?? 0) + profile.timeDeltas[index]));
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const frame = (node) => ({
    ...place(node.callFrame),
    self: self.get(node.id) ?? 0,
    children: (node.children ?? []).map((id) => frame(byId.get(id))),
  });
  return frame(profile.nodes[0]);
}

/** The same with bytes allocated; what the engine allocates for a function counts as the function's. */
function heapTree(node) {
  const children = node.children.map(heapTree);
  const native = (child) => child.file === '' && child.children.length === 0;
  const own = children.filter(native).reduce((sum, child) => sum + child.self, node.selfSize);
  return { ...place(node.callFrame), self: own, children: children.filter((child) => !native(child)) };
}

process.stdout.write(
  JSON.stringify({
    events,
    microsecondsPerEvent: (used.user + used.system) / rounds / events,
    time: timeTree(),
    heap: heapTree(heap.head),
  }),
  () => process.exit(),
);
