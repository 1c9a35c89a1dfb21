// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EpochVault} from "../src/EpochVault.sol";
import {OddToken} from "../test/solidity/OddToken.sol";

/// @dev Forge's cheatcodes that are used.
interface Vm {
    function prank(address sender) external;

    function warp(uint256 timestamp) external;
}

/// @dev Plays holders, operator, owner and a book that gains and loses, and keeps books of its own beside the vault's: what it may judge
/// from one call is judged here, what must always hold by VaultInvariants. A call that should be possible may not revert.
contract VaultHandler {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 internal constant VIRTUAL = 1e6;

    EpochVault public immutable vault;
    OddToken public immutable token;
    address public immutable book;
    address[] public actors;

    /// @dev Our own books.
    uint256 public waiting;
    uint256 public idle;
    uint256 public owed;
    uint256 public funded;
    uint256 public paid;
    uint256 public unclaimedShares;
    uint256 public escrowed;
    uint256 public bookValue;
    uint256 public markNumerator = 1;
    uint256 public markDenominator = VIRTUAL;
    uint64 public sequence;
    mapping(uint64 => mapping(address => uint256)) public depositOf;
    mapping(uint64 => mapping(address => uint256)) public redemptionOf;
    mapping(uint64 => uint256) public owedUpTo;
    /// @dev First rule seen broken.
    string public broken;

    constructor(EpochVault vault_, OddToken token_, address book_, address[] memory actors_) {
        (vault, token, book, actors) = (vault_, token_, book_, actors_);
    }

    function actorCount() external view returns (uint256) {
        return actors.length;
    }

    function deposit(uint256 who, uint256 amount) external {
        address actor = _actor(who);
        amount = _between(amount, 1, who % 5 == 0 ? 3 : 1e12);
        token.mint(actor, amount);
        VM.prank(actor);
        token.approve(address(vault), amount);
        VM.prank(actor);
        vault.requestDeposit(amount);
        depositOf[vault.currentEpoch()][actor] += amount;
        waiting += amount;
    }

    function redeem(uint256 who, uint256 part) external {
        address actor = _actor(who);
        uint256 shares = vault.balanceOf(actor);
        if (shares == 0) return;
        shares = part % 4 == 0 ? shares : _between(part, 1, shares);
        VM.prank(actor);
        vault.requestRedeem(shares);
        redemptionOf[vault.currentEpoch()][actor] += shares;
        escrowed += shares;
    }

    function takeBack(uint256 who, uint256 which) external {
        address actor = _actor(who);
        uint64 epoch = _epoch(which);
        uint256 assets = depositOf[epoch][actor];
        uint256 shares = redemptionOf[epoch][actor];
        EpochVault.Phase phase = vault.phaseOf(epoch);
        VM.prank(actor);
        (bool done,) = address(vault).call(abi.encodeCall(EpochVault.takeBack, (epoch)));
        bool may = (phase == EpochVault.Phase.Open || phase == EpochVault.Phase.Void) && assets + shares != 0;
        _check(done == may, "a request was taken back when it may not be, or could not be when it may");
        if (!done) return;
        waiting -= assets;
        escrowed -= shares;
        (depositOf[epoch][actor], redemptionOf[epoch][actor]) = (0, 0);
    }

    function claimShares(uint256 who, uint256 which) external {
        address actor = _actor(who);
        uint64 epoch = _epoch(which);
        (,, uint256 numerator, uint256 denominator,,,,,,) = vault.epochs(epoch);
        uint256 before = vault.balanceOf(actor);
        VM.prank(actor);
        (bool done,) = address(vault).call(abi.encodeCall(EpochVault.claimShares, (epoch)));
        bool may = numerator != 0 && depositOf[epoch][actor] != 0;
        _check(done == may, "shares were claimed without a right, or refused with one");
        if (!done || !may) return;
        uint256 due = (depositOf[epoch][actor] * denominator) / numerator;
        _check(vault.balanceOf(actor) - before == due, "shares claimed are not assets at the price, rounded down");
        unclaimedShares -= due;
        depositOf[epoch][actor] = 0;
    }

    function claimAssets(uint256 who, uint256 which) external {
        address actor = _actor(who);
        uint64 epoch = _epoch(which);
        (,, uint256 numerator, uint256 denominator,,,,,,) = vault.epochs(epoch);
        uint256 before = token.balanceOf(actor);
        VM.prank(actor);
        (bool done,) = address(vault).call(abi.encodeCall(EpochVault.claimAssets, (epoch)));
        bool may = numerator != 0 && redemptionOf[epoch][actor] != 0 && funded >= owedUpTo[epoch];
        _check(done == may, "assets were claimed without a right or before they were funded, or refused with one");
        if (!done || !may) return;
        uint256 due = (redemptionOf[epoch][actor] * numerator) / denominator;
        _check(token.balanceOf(actor) - before == due, "assets claimed are not shares at the price, rounded down");
        paid += due;
        redemptionOf[epoch][actor] = 0;
    }

    function close() external {
        uint64 epoch = vault.currentEpoch();
        if (epoch > 1 && vault.phaseOf(epoch - 1) == EpochVault.Phase.Closed) return;
        vault.closeEpoch();
    }

    /// @dev `move` moves the book by up to 12 % either way; the limit is 5 %. Some values are struck before a flow.
    function settle(uint256 move, uint256 seconds_) external {
        uint64 epoch = vault.currentEpoch() - 1;
        if (epoch == 0 || vault.phaseOf(epoch) != EpochVault.Phase.Closed) return;
        VM.warp(block.timestamp + _between(seconds_, 1 hours, 20 hours));
        if (vault.phaseOf(epoch) != EpochVault.Phase.Closed) return;
        uint256 valueBefore = bookValue;
        _moveBook(move);
        sequence += 1;
        bool stale = move % 7 == 0;
        uint256 holds = bookValue + idle;
        uint256 supply = vault.totalSupply();
        uint256 lastAssets = vault.totalAssets();
        uint256 elapsed = block.timestamp - vault.settledAt();
        bool done = _post(epoch, stale);
        if (done) {
            _check(!stale, "a value struck before a flow was taken");
            return _booked(epoch, holds, supply, lastAssets, elapsed);
        }
        _checkRefusal(stale, holds, supply, lastAssets);
        // The market comes back, or nothing would ever be settled again.
        _setBook(valueBefore);
    }

    function deploy(uint256 amount) external {
        // More than what is idle must be refused: what waits and what is owed is not the book's.
        amount = _between(amount, 1, token.balanceOf(address(vault)) + 1);
        (bool done,) = address(vault).call(abi.encodeCall(EpochVault.deploy, (amount)));
        _check(done == (amount <= idle), "more than what is idle was deployed, or idle assets could not be");
        if (!done) return;
        idle = amount <= idle ? idle - amount : 0;
        bookValue += amount;
    }

    function fund(uint256 amount) external {
        uint256 missing = owed - funded;
        if (missing > token.balanceOf(book)) missing = token.balanceOf(book);
        if (missing == 0) return;
        amount = amount % 3 == 0 ? missing : _between(amount, 1, missing);
        VM.prank(book);
        token.approve(address(vault), amount);
        VM.prank(book);
        vault.fund(amount);
        funded += amount;
        bookValue -= amount;
    }

    function donate(uint256 amount) external {
        uint256 before = vault.convertToAssets(1e24);
        token.mint(address(vault), _between(amount, 1, 1e12));
        _check(vault.convertToAssets(1e24) == before, "a donation moved the price");
    }

    function transferShares(uint256 from, uint256 to, uint256 part) external {
        uint256 shares = vault.balanceOf(_actor(from));
        VM.prank(_actor(from));
        vault.transfer(_actor(to), _between(part, 0, shares));
    }

    function wait(uint256 seconds_) external {
        VM.warp(block.timestamp + _between(seconds_, 1, seconds_ % 11 == 0 ? 4 days : 6 hours));
    }

    // --- inside ----------------------------------------------------------------------------------------------------------------

    function _post(uint64 epoch, bool stale) private returns (bool done) {
        EpochVault.Valuation memory valuation = EpochVault.Valuation({
            epoch: epoch,
            value: uint128(bookValue),
            flows: vault.flows() + (stale ? 1 : 0),
            struckAt: uint40(block.timestamp),
            journalSequence: sequence,
            treeRoot: bytes32(uint256(1))
        });
        (done,) = address(vault).call(abi.encodeCall(EpochVault.settle, (valuation)));
    }

    /// @dev A settlement that was refused must have had a reason of its own.
    function _checkRefusal(bool stale, uint256 holds, uint256 supply, uint256 lastAssets) private {
        if (stale || holds < owed - funded || supply == 0) return;
        uint256 assets = holds - (owed - funded);
        uint256 distance = assets > lastAssets ? assets - lastAssets : lastAssets - assets;
        _check(distance * 10_000 + 20_000 > (lastAssets + 1) * 500, "a value within the limit was refused");
    }

    function _booked(uint64 epoch, uint256 holds, uint256 supply, uint256 lastAssets, uint256 elapsed) private {
        (uint256 deposits, uint256 redemptions, uint256 numerator, uint256 denominator,,,,,,) = vault.epochs(epoch);
        uint256 assets = supply == 0 ? 0 : holds - (owed - funded);
        _check(numerator == assets + 1, "the price is not that of what the book and the vault hold less what is owed");
        if (supply != 0) {
            uint256 distance = assets > lastAssets ? assets - lastAssets : lastAssets - assets;
            _check(distance * 10_000 <= (lastAssets + 1) * 500, "a value moved further than the limit");
            _checkFee(numerator, denominator, supply, elapsed);
        } else {
            (markNumerator, markDenominator) = (1, VIRTUAL);
        }
        uint256 due = (redemptions * numerator) / denominator;
        _check(vault.totalAssets() == assets + deposits - due, "assets after the flows are not theirs");
        _check(
            (uint256(vault.totalAssets()) + 1) * denominator >= numerator * (vault.totalSupply() + VIRTUAL),
            "flows cost those who stay"
        );
        waiting -= deposits;
        escrowed -= redemptions;
        _netted(epoch, deposits, due);
        for (uint256 i = 0; i < actors.length; ++i) {
            unclaimedShares += (depositOf[epoch][actors[i]] * denominator) / numerator;
        }
    }

    function _netted(uint64 epoch, uint256 deposits, uint256 due) private {
        owed += due;
        owedUpTo[epoch] = owed;
        idle += deposits;
        uint256 pays = idle < owed - funded ? idle : owed - funded;
        idle -= pays;
        funded += pays;
    }

    /// @dev Fees are no more than management for the time, and performance on what is above our own mark.
    function _checkFee(uint256 numerator, uint256 denominator, uint256 supply, uint256 elapsed) private {
        uint256 feeShares = denominator - VIRTUAL - supply;
        uint256 assets = numerator - 1;
        uint256 most = (assets * vault.managementBps() * elapsed) / (10_000 * 365 days);
        uint256 mark = (markNumerator * (supply + VIRTUAL)) / markDenominator;
        if (numerator > mark) most += ((numerator - mark) * vault.performanceBps()) / 10_000;
        _check((feeShares * numerator) / denominator <= most + 1, "fees are more than agreed");
        if (numerator * markDenominator > markNumerator * denominator) {
            (markNumerator, markDenominator) = (numerator, denominator);
        }
    }

    function _moveBook(uint256 move) private {
        uint256 size = (bookValue * (move % (move % 3 == 0 ? 500 : 1_200))) / 10_000;
        _setBook((move >> 128) % 2 == 0 ? bookValue + size : bookValue - size);
    }

    function _setBook(uint256 value) private {
        if (value >= bookValue) {
            token.mint(book, value - bookValue);
        } else {
            VM.prank(book);
            token.transfer(address(0xdead), bookValue - value);
        }
        bookValue = value;
    }

    function _check(bool holds, string memory rule) private {
        if (!holds && bytes(broken).length == 0) broken = rule;
    }

    function _actor(uint256 who) private view returns (address) {
        return actors[who % actors.length];
    }

    /// @dev One of the last four epochs, the open one among them.
    function _epoch(uint256 which) private view returns (uint64) {
        uint64 current = vault.currentEpoch();
        uint64 back = uint64(which % 4);
        return back < current ? current - back : current;
    }

    function _between(uint256 value, uint256 low, uint256 high) private pure returns (uint256) {
        return low + (value % (high - low + 1));
    }
}
