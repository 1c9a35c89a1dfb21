import { abiFunction, eventTopic } from './abi';

export const ERC20 = {
  balanceOf: abiFunction('balanceOf(address)', 'uint256'),
  allowance: abiFunction('allowance(address,address)', 'uint256'),
  approve: abiFunction('approve(address,uint256)', 'bool'),
  transfer: abiFunction('transfer(address,uint256)', 'bool'),
};

export const TRANSFER = eventTopic('Transfer(address,address,uint256)');
