import type { TapeSource } from '../files/tape-manifest';
import { readBars } from './bar-reader';
import { readChain } from './chain-reader';
import { readDeliveries } from './delivery-reader';
import { readFunding } from './funding-reader';
import type { Reading } from './sink';

export function readSource(source: TapeSource, text: string, reading: Reading): void {
  switch (source.format) {
    case 'ohlcv':
      return readBars(source, text, reading);
    case 'deribit-chain':
      return readChain(source, text, reading);
    case 'funding':
      return readFunding(source, text, reading);
    case 'delivery':
      return readDeliveries(source, text, reading);
  }
}
