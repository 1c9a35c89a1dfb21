// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Arithmetic of a vault's shares
/// @notice Integers of smallest units. A price is a fraction: `numerator` asset units for `denominator` share units, where
/// numerator = assets + 1 and denominator = shares + 10^6 (OpenZeppelin's virtual asset and virtual shares, offset 6).
/// Every rounding is in favour of the vault, that is of those who stay. The same arithmetic in TypeScript, held equal by a test:
/// libs/pools/src/share-accounting.ts.
library ShareMath {
    /// @dev 10^6: shares have six decimals more than the asset.
    uint256 internal constant VIRTUAL_SHARES = 1e6;
    uint256 internal constant BASIS = 10_000;
    uint256 internal constant YEAR = 365 days;

    /// @return Shares for exactly these assets, rounded down.
    function toShares(uint256 assets, uint256 numerator, uint256 denominator) internal pure returns (uint256) {
        return Math.mulDiv(assets, denominator, numerator);
    }

    /// @return Assets for exactly these shares, rounded down.
    function toAssets(uint256 shares, uint256 numerator, uint256 denominator) internal pure returns (uint256) {
        return Math.mulDiv(shares, numerator, denominator);
    }

    /// @notice Fees of an epoch in asset units: management on all assets for the seconds gone, then performance on what the price
    /// stands above the high-water mark after that. Both rounded down: the receiver of fees loses the rounding.
    function fees(
        uint256 numerator,
        uint256 denominator,
        uint256 markNumerator,
        uint256 markDenominator,
        uint256 elapsed,
        uint256 managementBps,
        uint256 performanceBps
    ) internal pure returns (uint256 fee) {
        uint256 assets = numerator - 1;
        fee = Math.min(assets, Math.mulDiv(assets, managementBps * elapsed, BASIS * YEAR));
        uint256 mark = Math.mulDiv(markNumerator, denominator, markDenominator, Math.Rounding.Ceil);
        if (numerator - fee > mark) fee += Math.mulDiv(numerator - fee - mark, performanceBps, BASIS);
    }

    /// @notice New shares worth `fee` at the price after they exist, rounded down.
    function feeShares(uint256 fee, uint256 numerator, uint256 denominator) internal pure returns (uint256) {
        return Math.mulDiv(fee, denominator, numerator - fee);
    }
}
