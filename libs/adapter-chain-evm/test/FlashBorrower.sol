// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Pool {
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
    function token0() external view returns (address);
    function token1() external view returns (address);
}

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// Borrows from a pool and pays back with its fee and a little more, out of what it holds.
contract FlashBorrower {
    function borrow(Pool pool, uint256 amount0, uint256 amount1, uint256 more) external {
        pool.flash(address(this), amount0, amount1, abi.encode(amount0, amount1, more));
    }

    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
        (uint256 amount0, uint256 amount1, uint256 more) = abi.decode(data, (uint256, uint256, uint256));
        Pool pool = Pool(msg.sender);
        Token(pool.token0()).transfer(msg.sender, amount0 + fee0 + more);
        Token(pool.token1()).transfer(msg.sender, amount1 + fee1 + more);
    }
}
