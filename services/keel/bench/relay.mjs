// One hop of the bare relay: takes from one durable consumer, publishes to the next subject, acknowledges. Nothing else.
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
  await js.publish(`relay.${Number(hop) + 1}`, message.data, { msgID: `${hop}-${message.seq}` });
  message.ack();
}
