export { busAccessFrom, environmentOf } from './bus-access';
export type { BusAccess } from './bus-access';
export { parseBusAddress } from './bus-address';
export { connectNats } from './connection';
export type { ConnectOptions } from './connection';
export { NotPermitted } from './connection-errors';
export { consumersByStream } from './consumer-count';
export { ControlBucket } from './control';
export type { KnownBucket } from './control';
export type { WaitingCommand } from './control-commands';
export type { WrittenLatch, WrittenRelease } from './latch-values';
export { SURVIVES, durabilityOf, requireDurable } from './durability';
export type { Durability, DurabilityFound, DurabilityStated } from './durability';
export { GovernanceReader } from './governance-reader';
export type { GovernanceReaderOptions } from './governance-reader';
export { LEDGER_FLOOR_SUBJECT, answerLedgerFloor, askLedgerFloor, checkFloor } from './journal-floor';
export type { FloorKeeper, JournalFloor } from './journal-floor';
export { authorsOf } from './journal-authors';
export type { TrustOptions } from './journal-authors';
export { JetStreamEventLog, sequenceGap, storedOf } from './journal';
export { sealNatively } from './native-hash';
export { blockFindings } from './block-files';
export { journalCommits, journalStreams, journalsToCompare, removeJournal } from './journal-streams';
export type { JournalStream } from './journal-streams';
export { JournalTail } from './journal-tail';
export type { RawCommit } from './journal-tail';
export { MarketFollower, MarketPublisher, readMarket } from './market-log';
export type { PlacedEntry } from './market-log';
export { JOURNAL_COMMIT, JetStreamStrategy, MARKET_INSTANT } from './nest/jetstream-strategy';
export { PassThroughFilter } from './nest/pass-through.filter';
export { Fenced } from './lease';
export type { Lease } from './lease';
export { PartitionConsumer } from './partition-consumer';
export type { PartitionConsumerOptions } from './partition-consumer';
export { PartitionHost } from './partition-host';
export type { HostObserver, PartitionHostOptions } from './partition-host';
export { PROGRESS_SUBJECT, followProgress, publishProgress } from './progress';
export type { Progress } from './progress';
export { BUS_IDENTITIES, loadRights, permissionsOf } from './permissions';
export type { BusIdentity, Rights } from './permissions';
export { busAccessIn, caFileIn, credsFileIn, ensureBusKeys } from './server/bus-keys';
export type { BusKeys } from './server/bus-keys';
export { assertServer, serverFaults } from './server-check';
export { serverConfig } from './server/server-config';
export { freePort, startEmbeddedNats } from './server/embedded-nats';
export type { EmbeddedNats, EmbeddedNatsOptions } from './server/embedded-nats';
export { findNatsServer, isNewEnough, isPinnedServer, versionOf } from './server/nats-server-binary';
export { PeopleJournal } from './people-journal';
export type { PeopleJournalOptions } from './people-journal';
export type { PublishWait, PublishWaits } from './resolving-publisher';
export { codeHashOf } from './code-hash';
export { SnapshotBucket } from './snapshot-bucket';
export { SnapshotKeeper } from './snapshot-keeper';
export type { SnapshotEvent, SnapshotKeeperOptions } from './snapshot-keeper';
export { ServiceRuntime } from './service-runtime';
export type { Companion } from './companion';
export type { InboundInstant, InboundHandlers, ServiceRuntimeOptions } from './service-runtime';
export { ReleaseJudge } from './release-judge';
export type { JudgedLatch } from './release-judge';
export { readToEnd } from './stream-reading';
export { beginEpoch, currentEpoch, finishEpoch, openEpoch, openingEpoch } from './epochs';
export type { Epoch } from './epochs';
export {
  assertStreams,
  declaredStreams,
  ensureStreams,
  loadStreamDefinitions,
  streamFaults,
} from './streams';
