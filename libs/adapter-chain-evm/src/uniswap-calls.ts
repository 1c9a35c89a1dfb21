import { abiFunction } from './abi';

export const FACTORY = { getPool: abiFunction('getPool(address,address,uint24)', 'address') };

export const ROUTER = {
  exactInputSingle: abiFunction(
    'exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))',
    'uint256',
  ),
  exactOutputSingle: abiFunction(
    'exactOutputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))',
    'uint256',
  ),
  multicall: abiFunction('multicall(bytes[])', 'bytes[]'),
};

export const QUOTER = {
  quoteExactInputSingle: abiFunction(
    'quoteExactInputSingle((address,address,uint256,uint24,uint160))',
    'uint256,uint160,uint32,uint256',
  ),
  quoteExactOutputSingle: abiFunction(
    'quoteExactOutputSingle((address,address,uint256,uint24,uint160))',
    'uint256,uint160,uint32,uint256',
  ),
};

export const POOL = {
  slot0: abiFunction('slot0()', 'uint160,int24,uint16,uint16,uint16,uint8,bool'),
  liquidity: abiFunction('liquidity()', 'uint128'),
  tickSpacing: abiFunction('tickSpacing()', 'int24'),
  feeGrowthGlobal0X128: abiFunction('feeGrowthGlobal0X128()', 'uint256'),
  feeGrowthGlobal1X128: abiFunction('feeGrowthGlobal1X128()', 'uint256'),
  protocolFees: abiFunction('protocolFees()', 'uint128,uint128'),
  ticks: abiFunction('ticks(int24)', 'uint128,int128,uint256,uint256,int56,uint160,uint32,bool'),
  positions: abiFunction('positions(bytes32)', 'uint128,uint256,uint256,uint128,uint128'),
  observations: abiFunction('observations(uint256)', 'uint32,int56,uint160,bool'),
};
