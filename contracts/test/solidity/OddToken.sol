// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev A token that does what real ones do: charges for transfers, is paused, refuses accounts, calls somebody in the middle.
contract OddToken is ERC20 {
    uint8 private immutable _decimals;
    uint256 public feeBps;
    bool public paused;
    mapping(address account => bool) public refused;
    address public hook;
    bytes public hookData;
    /// @dev What the hook's last call reverted with; empty where it succeeded.
    bytes public hookError;
    uint256 public hookCalls;

    constructor(string memory symbol_, uint8 decimals_) ERC20(symbol_, symbol_) {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function setPaused(bool paused_) external {
        paused = paused_;
    }

    function setRefused(address account, bool refused_) external {
        refused[account] = refused_;
    }

    /// @dev During every transfer `target` is called with `data`, once per outermost transfer.
    function setHook(address target, bytes calldata data) external {
        (hook, hookData) = (target, data);
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, "paused");
        require(!refused[from] && !refused[to], "refused");
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        uint256 fee = (amount * feeBps) / 10_000;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
        if (hook == address(0)) return;
        address target = hook;
        hook = address(0);
        (bool done, bytes memory answer) = target.call(hookData);
        hookError = done ? bytes("") : answer;
        hookCalls += 1;
        hook = target;
    }
}
