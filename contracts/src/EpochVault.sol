// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ShareMath} from "./ShareMath.sol";

/// @title A hedged book that many hold, one price per epoch
/// @notice Deposits and redemptions are requests. An epoch is open, then closed to requests, then settled at one price for all of its
/// requests, or void. Flows are netted before anything leaves; what redeemers are owed is claimable once it is *funded*, oldest first.
/// The value of the book is posted by the operator with the place in the journal and the root of the journal's tree as evidence.
/// Nothing here reads the vault's balance as value: a token sent to this address changes no price.
///
/// Units: assets in smallest units of the asset; shares with six decimals more; times in seconds since 1970; rates in basis points.
/// The asset may charge for transfers, be paused or refuse an account; a token whose balances change by themselves may not be used.
contract EpochVault is ERC20, Ownable2Step, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice Open takes requests; Closed waits for its value; Settled has a price, but its redeemers' assets are not all here yet;
    /// Funded has them; Void was never settled, its requests can be taken back; Future has not begun.
    enum Phase {
        Future,
        Open,
        Closed,
        Void,
        Settled,
        Funded
    }

    struct Epoch {
        /// @dev Asset units that wait for shares.
        uint128 deposits;
        /// @dev Share units that wait for assets.
        uint128 redemptions;
        /// @dev The price: `numerator` asset units for `denominator` share units, after fees and before this epoch's flows.
        uint128 numerator;
        uint128 denominator;
        /// @dev Funded when the vault's `funded` has reached this.
        uint128 owedUpTo;
        uint40 closedAt;
        uint40 settledAt;
        /// @dev The limit in force when the epoch was closed.
        uint16 maxMoveBps;
        bool voided;
        bytes32 treeRoot;
    }

    /// @notice What the ledger says the book is worth.
    struct Valuation {
        uint64 epoch;
        /// @dev Everything the book holds, in asset units. What the vault itself holds or owes is no part of it.
        uint128 value;
        /// @dev `flows` of this contract when the value was struck: money that moved since would be counted twice or not at all.
        uint64 flows;
        /// @dev When it was struck: not before the epoch was closed.
        uint40 struckAt;
        /// @dev Evidence: the journal up to this sequence has this tree root.
        uint64 journalSequence;
        bytes32 treeRoot;
    }

    struct Terms {
        IERC20Metadata asset;
        string name;
        string symbol;
        address owner;
        address operator;
        address guardian;
        /// @dev The only address that assets can be deployed to; for ever.
        address book;
        address feeRecipient;
        uint16 managementBps;
        uint16 performanceBps;
        uint16 maxMoveBps;
        /// @dev Shortest time between two settlements.
        uint32 minEpochSeconds;
        /// @dev A closed epoch that is not settled within this is void.
        uint32 settleWithinSeconds;
        /// @dev Oldest value that is accepted.
        uint32 maxValueAgeSeconds;
    }

    uint16 public constant MAX_MANAGEMENT_BPS = 500;
    uint16 public constant MAX_PERFORMANCE_BPS = 3_000;
    uint16 public constant MAX_MOVE_BPS = 10_000;

    IERC20 public immutable asset;
    address public immutable book;
    uint16 public immutable managementBps;
    uint16 public immutable performanceBps;
    uint32 public immutable minEpochSeconds;
    uint32 public immutable settleWithinSeconds;
    uint32 public immutable maxValueAgeSeconds;
    uint8 private immutable _decimals;

    address public operator;
    address public guardian;
    address public feeRecipient;

    /// @notice The epoch that takes requests.
    uint64 public currentEpoch = 1;
    /// @notice Counts movements between vault and book.
    uint64 public flows;
    /// @notice The last settled value's place in the journal.
    uint64 public journalSequence;
    uint40 public settledAt;
    uint16 public maxMoveBps;

    /// @notice Assets of the holders after the last settlement: posted, never read from a balance.
    uint128 public totalAssets;
    /// @notice Assets of holders that have not left for the book.
    uint128 public idle;
    /// @notice All that redeemers of settled epochs were ever owed, and all that was ever set aside for them.
    uint128 public owed;
    uint128 public funded;
    /// @notice High-water mark, as a price.
    uint128 public markNumerator = 1;
    uint128 public markDenominator = uint128(ShareMath.VIRTUAL_SHARES);

    mapping(uint64 epoch => Epoch) public epochs;
    mapping(uint64 epoch => mapping(address holder => uint256)) public depositOf;
    mapping(uint64 epoch => mapping(address holder => uint256)) public redemptionOf;

    event DepositRequested(uint64 indexed epoch, address indexed holder, uint256 assets);
    event RedeemRequested(uint64 indexed epoch, address indexed holder, uint256 shares);
    event RequestTakenBack(uint64 indexed epoch, address indexed holder, uint256 assets, uint256 shares);
    event EpochClosed(uint64 indexed epoch, uint256 deposits, uint256 redemptions);
    event EpochVoided(uint64 indexed epoch);
    event EpochSettled(
        uint64 indexed epoch,
        uint256 value,
        uint256 numerator,
        uint256 denominator,
        uint256 feeShares,
        uint256 owed,
        uint64 journalSequence,
        bytes32 treeRoot
    );
    event Deployed(uint256 assets, uint64 flows);
    event Funded(uint256 assets, uint64 flows);
    event SharesClaimed(uint64 indexed epoch, address indexed holder, uint256 shares);
    event AssetsClaimed(uint64 indexed epoch, address indexed holder, uint256 assets);
    event RolesChanged(address operator, address guardian, address feeRecipient);
    event MaxMoveChanged(uint16 bps);

    error InvalidTerms();
    error NotAllowed(address caller);
    error NothingToDo();
    error WrongPhase(uint64 epoch, Phase phase);
    error EpochUnsettled(uint64 epoch);
    error TooSoon(uint256 until);
    error ValueNotFromThisEpoch(uint40 struckAt);
    error EvidenceMissing();
    error FlowsMoved(uint64 flows);
    error Insolvent(uint256 holds, uint256 owes);
    error MovedTooFar(uint256 numerator, uint256 last);
    error PriceOutOfRange(uint256 numerator, uint256 denominator);
    error MoreThanOwed(uint256 missing);

    modifier only(address role) {
        if (msg.sender != role) revert NotAllowed(msg.sender);
        _;
    }

    constructor(Terms memory terms) ERC20(terms.name, terms.symbol) Ownable(terms.owner) {
        if (
            address(terms.asset) == address(0) || terms.book == address(0) || terms.book == address(this)
                || terms.managementBps > MAX_MANAGEMENT_BPS || terms.performanceBps > MAX_PERFORMANCE_BPS
                || terms.settleWithinSeconds == 0 || terms.maxValueAgeSeconds == 0
        ) revert InvalidTerms();
        asset = terms.asset;
        book = terms.book;
        managementBps = terms.managementBps;
        performanceBps = terms.performanceBps;
        minEpochSeconds = terms.minEpochSeconds;
        settleWithinSeconds = terms.settleWithinSeconds;
        maxValueAgeSeconds = terms.maxValueAgeSeconds;
        _decimals = terms.asset.decimals() + 6;
        settledAt = uint40(block.timestamp);
        _setRoles(terms.operator, terms.guardian, terms.feeRecipient);
        _setMaxMove(terms.maxMoveBps);
    }

    // --- holders ---------------------------------------------------------------------------------------------------------------

    /// @notice Deposits into the open epoch. What counts is what arrives.
    /// @return received Asset units credited.
    function requestDeposit(uint256 assets) external nonReentrant whenNotPaused returns (uint256 received) {
        received = _pull(assets);
        if (received == 0) revert NothingToDo();
        uint64 epoch = currentEpoch;
        epochs[epoch].deposits += received.toUint128();
        depositOf[epoch][msg.sender] += received;
        emit DepositRequested(epoch, msg.sender, received);
    }

    /// @notice Gives shares to be redeemed at the price of the open epoch.
    function requestRedeem(uint256 shares) external nonReentrant whenNotPaused {
        if (shares == 0) revert NothingToDo();
        uint64 epoch = currentEpoch;
        _transfer(msg.sender, address(this), shares);
        epochs[epoch].redemptions += shares.toUint128();
        redemptionOf[epoch][msg.sender] += shares;
        emit RedeemRequested(epoch, msg.sender, shares);
    }

    /// @notice Takes both requests of the caller back: while the epoch is open, or when it is void. Works while paused.
    function takeBack(uint64 epoch) external nonReentrant {
        Phase phase = phaseOf(epoch);
        if (phase != Phase.Open && phase != Phase.Void) revert WrongPhase(epoch, phase);
        uint256 assets = depositOf[epoch][msg.sender];
        uint256 shares = redemptionOf[epoch][msg.sender];
        if (assets == 0 && shares == 0) revert NothingToDo();
        delete depositOf[epoch][msg.sender];
        delete redemptionOf[epoch][msg.sender];
        epochs[epoch].deposits -= assets.toUint128();
        epochs[epoch].redemptions -= shares.toUint128();
        emit RequestTakenBack(epoch, msg.sender, assets, shares);
        if (shares != 0) _transfer(address(this), msg.sender, shares);
        if (assets != 0) asset.safeTransfer(msg.sender, assets);
    }

    /// @notice The caller's shares of a settled epoch, rounded down. Works while paused: they are the holder's.
    function claimShares(uint64 epoch) external nonReentrant returns (uint256 shares) {
        Phase phase = phaseOf(epoch);
        if (phase != Phase.Settled && phase != Phase.Funded) revert WrongPhase(epoch, phase);
        uint256 assets = depositOf[epoch][msg.sender];
        if (assets == 0) revert NothingToDo();
        delete depositOf[epoch][msg.sender];
        shares = ShareMath.toShares(assets, epochs[epoch].numerator, epochs[epoch].denominator);
        emit SharesClaimed(epoch, msg.sender, shares);
        _transfer(address(this), msg.sender, shares);
    }

    /// @notice The caller's assets of a funded epoch, rounded down. Works while paused: they are the holder's.
    function claimAssets(uint64 epoch) external nonReentrant returns (uint256 assets) {
        Phase phase = phaseOf(epoch);
        if (phase != Phase.Funded) revert WrongPhase(epoch, phase);
        uint256 shares = redemptionOf[epoch][msg.sender];
        if (shares == 0) revert NothingToDo();
        delete redemptionOf[epoch][msg.sender];
        assets = ShareMath.toAssets(shares, epochs[epoch].numerator, epochs[epoch].denominator);
        emit AssetsClaimed(epoch, msg.sender, assets);
        asset.safeTransfer(msg.sender, assets);
    }

    // --- operator --------------------------------------------------------------------------------------------------------------

    /// @notice Closes the open epoch to requests, before its value is struck: nobody asks or takes back knowing the price.
    function closeEpoch() external only(operator) whenNotPaused {
        uint64 epoch = currentEpoch;
        Phase before = epoch == 1 ? Phase.Funded : phaseOf(epoch - 1);
        if (before == Phase.Closed) revert EpochUnsettled(epoch - 1);
        epochs[epoch].closedAt = uint40(block.timestamp);
        epochs[epoch].maxMoveBps = maxMoveBps;
        currentEpoch = epoch + 1;
        emit EpochClosed(epoch, epochs[epoch].deposits, epochs[epoch].redemptions);
    }

    /// @notice Settles the closed epoch at the posted value: takes fees, fixes the price, nets deposits against what is owed. Moves no
    /// token, so no token and no holder can stop it; its cost does not depend on how many asked.
    function settle(Valuation calldata valuation) external only(operator) whenNotPaused nonReentrant {
        Epoch storage epoch = epochs[valuation.epoch];
        _judge(valuation, epoch);
        (uint256 numerator, uint256 denominator, uint256 fee) = _price(valuation.value, epoch.maxMoveBps);
        uint256 assetsOwed = ShareMath.toAssets(epoch.redemptions, numerator, denominator);
        uint256 sharesDue = ShareMath.toShares(epoch.deposits, numerator, denominator);

        totalAssets = (numerator - 1 + epoch.deposits - assetsOwed).toUint128();
        owed += assetsOwed.toUint128();
        idle += epoch.deposits;
        _net();
        epoch.numerator = numerator.toUint128();
        epoch.denominator = denominator.toUint128();
        epoch.owedUpTo = owed;
        epoch.settledAt = uint40(block.timestamp);
        epoch.treeRoot = valuation.treeRoot;
        settledAt = uint40(block.timestamp);
        journalSequence = valuation.journalSequence;
        if (epoch.redemptions != 0) _burn(address(this), epoch.redemptions);
        if (sharesDue != 0) _mint(address(this), sharesDue);
        emit EpochSettled(
            valuation.epoch,
            valuation.value,
            numerator,
            denominator,
            fee,
            assetsOwed,
            valuation.journalSequence,
            valuation.treeRoot
        );
    }

    /// @notice Sends idle assets to the book, which is the only place they can go.
    function deploy(uint256 assets) external only(operator) whenNotPaused nonReentrant {
        if (assets == 0) revert NothingToDo();
        idle -= assets.toUint128();
        flows += 1;
        emit Deployed(assets, flows);
        asset.safeTransfer(book, assets);
    }

    /// @notice Brings assets back from the book for what is owed, and never more than that. What counts is what arrives. Works while
    /// paused: it only helps those who are owed.
    function fund(uint256 assets) external nonReentrant {
        if (msg.sender != book && msg.sender != operator) revert NotAllowed(msg.sender);
        uint256 received = _pull(assets);
        if (received == 0) revert NothingToDo();
        if (received > unfunded()) revert MoreThanOwed(unfunded());
        funded += received.toUint128();
        flows += 1;
        emit Funded(received, flows);
    }

    // --- guardian and owner ----------------------------------------------------------------------------------------------------

    /// @notice Stops requests, closing, settling and deploying. All a guardian can do.
    function pause() external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotAllowed(msg.sender);
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Declares the closed epoch void, so that its requests can be taken back at once.
    function voidEpoch(uint64 epoch) external onlyOwner {
        Phase phase = phaseOf(epoch);
        if (phase != Phase.Closed) revert WrongPhase(epoch, phase);
        epochs[epoch].voided = true;
        emit EpochVoided(epoch);
    }

    function setRoles(address operator_, address guardian_, address feeRecipient_) external onlyOwner {
        _setRoles(operator_, guardian_, feeRecipient_);
    }

    /// @notice Holds for epochs closed from now on: who has asked can still take back before it touches him.
    function setMaxMove(uint16 bps) external onlyOwner {
        _setMaxMove(bps);
    }

    /// @dev Without an owner a paused vault would be paused for ever.
    function renounceOwnership() public view override onlyOwner {
        revert NotAllowed(msg.sender);
    }

    // --- views -----------------------------------------------------------------------------------------------------------------

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    /// @notice Asset units owed to redeemers of settled epochs that are not set aside yet.
    function unfunded() public view returns (uint256) {
        return owed - funded;
    }

    function phaseOf(uint64 epoch) public view returns (Phase) {
        if (epoch == 0 || epoch > currentEpoch) return Phase.Future;
        if (epoch == currentEpoch) return Phase.Open;
        Epoch storage past = epochs[epoch];
        if (past.settledAt != 0) return funded >= past.owedUpTo ? Phase.Funded : Phase.Settled;
        return past.voided || block.timestamp > uint256(past.closedAt) + settleWithinSeconds ? Phase.Void : Phase.Closed;
    }

    /// @notice Assets for these shares at the last settlement, rounded down.
    function convertToAssets(uint256 shares) external view returns (uint256) {
        return ShareMath.toAssets(shares, uint256(totalAssets) + 1, totalSupply() + ShareMath.VIRTUAL_SHARES);
    }

    /// @notice Shares for these assets at the last settlement, rounded down.
    function convertToShares(uint256 assets) external view returns (uint256) {
        return ShareMath.toShares(assets, uint256(totalAssets) + 1, totalSupply() + ShareMath.VIRTUAL_SHARES);
    }

    // --- inside ----------------------------------------------------------------------------------------------------------------

    /// @dev Whether this value may settle this epoch at all.
    function _judge(Valuation calldata valuation, Epoch storage epoch) private view {
        Phase phase = phaseOf(valuation.epoch);
        if (phase != Phase.Closed) revert WrongPhase(valuation.epoch, phase);
        if (block.timestamp < uint256(settledAt) + minEpochSeconds) revert TooSoon(uint256(settledAt) + minEpochSeconds);
        if (
            valuation.struckAt < epoch.closedAt || valuation.struckAt > block.timestamp
                || block.timestamp - valuation.struckAt > maxValueAgeSeconds
        ) revert ValueNotFromThisEpoch(valuation.struckAt);
        if (valuation.treeRoot == 0 || valuation.journalSequence <= journalSequence) revert EvidenceMissing();
        if (valuation.flows != flows) revert FlowsMoved(flows);
    }

    /// @dev The price of an epoch after fees, whose shares it mints. Without holders the price is par, whatever the book still holds.
    function _price(uint256 value, uint256 moveBps)
        private
        returns (uint256 numerator, uint256 denominator, uint256 fee)
    {
        uint256 holds = value + idle;
        if (holds < unfunded()) revert Insolvent(holds, unfunded());
        denominator = totalSupply() + ShareMath.VIRTUAL_SHARES;
        if (totalSupply() == 0) {
            (markNumerator, markDenominator) = (1, denominator.toUint128());
            return (1, denominator, 0);
        }
        numerator = holds - unfunded() + 1;
        // No share is made or burnt between settlements, so that a move of the assets is a move of the price.
        uint256 last = uint256(totalAssets) + 1;
        uint256 allowed = (last * moveBps) / ShareMath.BASIS;
        if (numerator > last + allowed || numerator + allowed < last) revert MovedTooFar(numerator, last);
        fee = ShareMath.feeShares(
            ShareMath.fees(
                numerator,
                denominator,
                markNumerator,
                markDenominator,
                block.timestamp - settledAt,
                managementBps,
                performanceBps
            ),
            numerator,
            denominator
        );
        denominator += fee;
        // A share unit above one asset unit is a million times par: beyond that rounding could take more than a unit from a deposit.
        if (numerator > denominator) revert PriceOutOfRange(numerator, denominator);
        if (numerator * markDenominator > markNumerator * denominator) {
            (markNumerator, markDenominator) = (numerator.toUint128(), denominator.toUint128());
        }
        if (fee != 0) _mint(feeRecipient, fee);
    }

    /// @dev What waits pays what is owed, before anything leaves.
    function _net() private {
        uint128 pays = Math.min(idle, unfunded()).toUint128();
        idle -= pays;
        funded += pays;
    }

    function _pull(uint256 assets) private returns (uint256) {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), assets);
        return asset.balanceOf(address(this)) - before;
    }

    function _setRoles(address operator_, address guardian_, address feeRecipient_) private {
        if (operator_ == address(0) || guardian_ == address(0) || feeRecipient_ == address(0)) revert InvalidTerms();
        (operator, guardian, feeRecipient) = (operator_, guardian_, feeRecipient_);
        emit RolesChanged(operator_, guardian_, feeRecipient_);
    }

    function _setMaxMove(uint16 bps) private {
        if (bps > MAX_MOVE_BPS) revert InvalidTerms();
        maxMoveBps = bps;
        emit MaxMoveChanged(bps);
    }
}
