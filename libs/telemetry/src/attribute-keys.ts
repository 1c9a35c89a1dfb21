/** Names of span attributes, in one place: the messaging conventions are still in development. */
export const ATTRIBUTES = {
  messagingSystem: 'messaging.system',
  operation: 'messaging.operation.type',
  destination: 'messaging.destination.template',
  messageId: 'messaging.message.id',
  streamSequence: 'nats.stream.seq',
  partition: 'evenkeel.partition',
  eventTime: 'evenkeel.event_time',
} as const;
