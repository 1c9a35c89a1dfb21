import type { ForeignFormat } from '../foreign-format';
import { BINANCE } from './binance';
import { BYBIT } from './bybit';
import { DERIBIT } from './deribit';
import { INDEX_OPTIONS } from './index-options';
import { OKX } from './okx';
import { TARDIS } from './tardis';

/** Every format that is read, as its publisher writes it. */
export const FORMATS: readonly ForeignFormat[] = [
  ...TARDIS,
  ...BINANCE,
  ...DERIBIT,
  ...OKX,
  ...BYBIT,
  ...INDEX_OPTIONS,
];
