import { DERIBIT_CONNECTOR } from '@evenkeel/adapter-venue-deribit';
import { TAPE_EXCHANGE } from '@evenkeel/adapter-venue-sim';
import type { ConnectorDefinition } from '@evenkeel/venues';
import { PAPER } from './paper/paper-account';

/** Every way in which orders can go out. A new venue adds its connector here. */
export const CONNECTORS: readonly ConnectorDefinition[] = [TAPE_EXCHANGE, DERIBIT_CONNECTOR, PAPER];
