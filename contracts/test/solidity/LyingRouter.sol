// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ISwapRouter} from "../../src/TreasuryGuard.sol";

/// @dev A router that takes and gives shares of what it should, claims success all the same, and may call back in between.
contract LyingRouter {
    uint256 public takesBps = 10_000;
    uint256 public givesBps = 10_000;
    address public target;
    bytes public data;
    /// @dev What calling back reverted with; empty where it succeeded.
    bytes public calledBack;

    function behave(uint256 takes, uint256 gives, address target_, bytes calldata data_) external {
        (takesBps, givesBps, target, data) = (takes, gives, target_, data_);
    }

    function exactInputSingle(ISwapRouter.ExactInputSingleParams calldata params) external payable returns (uint256) {
        IERC20(params.tokenIn).transferFrom(msg.sender, address(this), (params.amountIn * takesBps) / 10_000);
        if (target != address(0)) {
            (bool done, bytes memory answer) = target.call(data);
            calledBack = done ? bytes("") : answer;
        }
        IERC20(params.tokenOut).transfer(params.recipient, (params.amountOutMinimum * givesBps) / 10_000);
        return params.amountOutMinimum;
    }
}
