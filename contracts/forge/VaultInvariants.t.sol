// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {EpochVault} from "../src/EpochVault.sol";
import {OddToken} from "../test/solidity/OddToken.sol";
import {VaultHandler} from "./VaultHandler.sol";

/// @dev What must hold after every call, whoever called what in which order.
contract VaultInvariants {
    EpochVault private vault;
    OddToken private token;
    VaultHandler private handler;
    address private constant BOOK = address(0xB00C);
    address private constant FEES = address(0xFEE5);

    function setUp() public {
        token = new OddToken("USDC", 6);
        address[] memory actors = new address[](4);
        for (uint160 i = 0; i < 4; ++i) actors[i] = address(0xA1 + i);
        // The handler is the operator; its address is known only when it exists.
        vault = new EpochVault(
            EpochVault.Terms({
                asset: IERC20Metadata(address(token)),
                name: "Vault",
                symbol: "EKV",
                owner: address(this),
                operator: address(this),
                guardian: address(this),
                book: BOOK,
                feeRecipient: FEES,
                managementBps: 200,
                performanceBps: 2_000,
                maxMoveBps: 500,
                minEpochSeconds: 1 hours,
                settleWithinSeconds: 1 days,
                maxValueAgeSeconds: 1 hours
            })
        );
        handler = new VaultHandler(vault, token, BOOK, actors);
        vault.setRoles(address(handler), address(this), FEES);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_vault() public view {
        require(bytes(handler.broken()).length == 0, handler.broken());
        require(vault.idle() == handler.idle(), "idle is not what came and did not leave");
        require(vault.owed() == handler.owed() && vault.funded() == handler.funded(), "owed or funded differ");
        require(handler.paid() <= handler.funded() && handler.funded() <= handler.owed(), "more paid than funded");
        require(
            token.balanceOf(address(vault)) >= handler.waiting() + handler.idle() + handler.funded() - handler.paid(),
            "the vault holds less than what waits, is idle or funded"
        );
        require(
            vault.balanceOf(address(vault)) >= handler.escrowed() + handler.unclaimedShares(),
            "the vault holds fewer shares than were given to it or wait to be claimed"
        );
        uint256 held = vault.balanceOf(address(vault)) + vault.balanceOf(FEES);
        for (uint256 i = 0; i < handler.actorCount(); ++i) held += vault.balanceOf(handler.actors(i));
        require(held == vault.totalSupply(), "shares out of nowhere");
        require(
            vault.totalSupply() == 0 || vault.convertToAssets(vault.totalSupply()) <= vault.totalAssets(),
            "holders together could redeem more than there is"
        );
    }
}
