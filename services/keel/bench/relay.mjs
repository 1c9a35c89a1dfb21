// One hop of the bare relay: takes from one durable consumer, publishes to the next subject, acknowledges. It notes in the
// message when it received it, and does nothing else.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { connect } = require('@nats-io/transport-node');
const { jetstream } = require('@nats-io/jetstream');
const [url, hop] = process.argv.slice(2);
const connection = await connect({ servers: url });
const js = jetstream(connection);
const consumer = await js.consumers.get('RELAY', `hop${hop}`);
const messages = await consumer.consume({ max_messages: 64 });
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
for await (const message of messages) {
  const bytes = Buffer.from(message.data);
  bytes.writeBigUInt64LE(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)), 0);
  const published = js.publish(`relay.${Number(hop) + 1}`, bytes, { msgID: `${hop}-${message.seq}` });
  // As many under way as come: what is acknowledged is what is stored.
  void published.then(() => message.ack());
}
