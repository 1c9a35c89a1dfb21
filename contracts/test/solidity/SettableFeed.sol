// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A feed in Chainlink's shape that answers what a test sets.
contract SettableFeed {
    uint8 public immutable decimals;
    int256 private _answer;
    uint256 private _startedAt;
    uint256 private _updatedAt;

    constructor(uint8 decimals_, int256 answer) {
        decimals = decimals_;
        set(answer, block.timestamp, block.timestamp);
    }

    function set(int256 answer, uint256 startedAt, uint256 updatedAt) public {
        (_answer, _startedAt, _updatedAt) = (answer, startedAt, updatedAt);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _startedAt, _updatedAt, 1);
    }
}
