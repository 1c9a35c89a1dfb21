// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev A price feed after Chainlink: price of one whole token in USD, or the status of a sequencer (0 is up).
interface IFeed {
    function decimals() external view returns (uint8);

    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

/// @dev SwapRouter of Uniswap v3-periphery.
interface ISwapRouter {
    struct ExactInputSingleParams {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 deadline;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    function exactInputSingle(ExactInputSingleParams calldata params) external payable returns (uint256 amountOut);
}

/// @dev What this guard may give money to, besides its owner.
interface IFundedVault {
    function asset() external view returns (IERC20);

    function book() external view returns (address);

    function fund(uint256 assets) external;
}

/// @title A treasury that an operator hedges and cannot take
/// @notice Holds a protocol's tokens. The operator names a route from a list, an amount and a minimum; the call itself is built here, so
/// there is no target, no recipient and no calldata to choose. What a trade spent and brought is measured by balances, valued by price
/// feeds, and refused beyond limits per trade and per 24 hours, of volume and of *loss*.
///
/// Units: amounts in smallest units of their token; USD in millionths; rates in basis points; times in seconds. A daily limit holds in
/// every window of 24 hours: half of it can be used at once, the other half comes back evenly within a day.
contract TreasuryGuard is Ownable2Step, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    struct Token {
        /// @dev USD per whole token.
        IFeed feed;
        /// @dev Oldest price that is used.
        uint32 maxAge;
        uint8 decimals;
        uint8 feedDecimals;
    }

    struct Route {
        ISwapRouter router;
        uint24 fee;
        bool listed;
        IERC20 tokenIn;
        IERC20 tokenOut;
    }

    struct Limits {
        /// @dev Value of what one trade spends, at most.
        uint64 tradeUsd;
        uint64 volumePerDayUsd;
        /// @dev Sum of what trades lost against the feeds; gains are not set against it.
        uint64 lossPerDayUsd;
        /// @dev Loss of one trade against its value.
        uint16 lossPerTradeBps;
        /// @dev Without a heartbeat for this long the operator can do nothing.
        uint32 heartbeatSeconds;
    }

    /// @dev How full the two buckets are, as of `countedAt`.
    struct Used {
        uint64 volumeUsd;
        uint64 lossUsd;
        uint40 countedAt;
        uint40 heartbeatAt;
        bool stopped;
    }

    struct Leg {
        uint32 route;
        uint256 amountIn;
        uint256 minimumOut;
    }

    uint256 public constant MAX_LEGS = 8;
    uint256 private constant BASIS = 10_000;

    address public operator;
    address public guardian;
    /// @notice Status of the chain's sequencer; zero on a chain without one.
    IFeed public sequencer;
    /// @notice Nothing is traded for so long after the sequencer came back.
    uint32 public graceSeconds;
    /// @notice The vault whose book this guard is, or zero.
    IFundedVault public vault;
    Limits public limits;
    Used public used;

    mapping(IERC20 token => Token) public tokens;
    mapping(uint32 id => Route) public routes;

    event Hedged(
        uint32 indexed route, uint256 spent, uint256 received, uint256 spentUsd, uint256 lossUsd
    );
    event VaultFunded(uint256 assets);
    event Stopped(address by);
    event Resumed();
    event Beaten(uint40 beatenAt);
    event Withdrawn(IERC20 indexed token, address indexed to, uint256 amount);
    event RouteListed(uint32 indexed id, ISwapRouter router, IERC20 tokenIn, IERC20 tokenOut, uint24 fee);
    event RouteRemoved(uint32 indexed id);
    event TokenListed(IERC20 indexed token, IFeed feed, uint32 maxAge);
    event LimitsChanged(Limits limits);
    event SequencerChanged(IFeed feed, uint32 graceSeconds);
    event RolesChanged(address operator, address guardian);
    event VaultChanged(IFundedVault vault);

    error NotAllowed(address caller);
    error InvalidTerms();
    error IsStopped();
    error NoHeartbeat(uint40 last);
    error SequencerDown();
    error Expired(uint256 deadline);
    error RouteNotListed(uint32 id);
    error TokenNotListed(IERC20 token);
    error PriceUnusable(IERC20 token);
    error SpentTooMuch(uint256 spent, uint256 allowed);
    error ReceivedTooLittle(uint256 received, uint256 minimum);
    error TradeTooLarge(uint256 usd);
    error TradeLosesTooMuch(uint256 lossUsd);
    error DailyVolume(uint256 usd);
    error DailyLoss(uint256 usd);

    /// @dev The operator's acts, on conditions that fail closed.
    modifier operating() {
        if (msg.sender != operator) revert NotAllowed(msg.sender);
        if (used.stopped) revert IsStopped();
        if (block.timestamp > uint256(used.heartbeatAt) + limits.heartbeatSeconds) revert NoHeartbeat(used.heartbeatAt);
        _;
    }

    constructor(address owner_, address operator_, address guardian_, Limits memory limits_) Ownable(owner_) {
        _setRoles(operator_, guardian_);
        _setLimits(limits_);
        used.countedAt = uint40(block.timestamp);
    }

    // --- operator --------------------------------------------------------------------------------------------------------------

    /// @notice One trade along a listed route.
    /// @param amountIn Spent, exactly or less.
    /// @param minimumOut Received at least, measured by balance.
    function hedge(uint32 route, uint256 amountIn, uint256 minimumOut, uint256 deadline)
        external
        operating
        nonReentrant
        returns (uint256 received)
    {
        _requireOpen(deadline);
        uint256 spentUsd;
        uint256 lossUsd;
        (received, spentUsd, lossUsd) = _trade(route, amountIn, minimumOut, deadline);
        _count(spentUsd, lossUsd);
    }

    /// @notice Several trades, all or none.
    function hedgeMany(Leg[] calldata legs, uint256 deadline) external operating nonReentrant {
        _requireOpen(deadline);
        if (legs.length == 0 || legs.length > MAX_LEGS) revert InvalidTerms();
        uint256 totalUsd;
        uint256 totalLossUsd;
        for (uint256 i = 0; i < legs.length; ++i) {
            (, uint256 spentUsd, uint256 lossUsd) =
                _trade(legs[i].route, legs[i].amountIn, legs[i].minimumOut, deadline);
            totalUsd += spentUsd;
            totalLossUsd += lossUsd;
        }
        _count(totalUsd, totalLossUsd);
    }

    /// @notice Brings the vault what its redeemers are owed. The vault takes no more than that.
    function fundVault(uint256 assets) external operating nonReentrant {
        if (address(vault) == address(0)) revert InvalidTerms();
        IERC20 asset = vault.asset();
        asset.forceApprove(address(vault), assets);
        vault.fund(assets);
        _requireNoAllowance(asset, address(vault));
        emit VaultFunded(assets);
    }

    // --- guardian --------------------------------------------------------------------------------------------------------------

    /// @notice Stops the operator at once. Only the owner can undo it.
    function stop() external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotAllowed(msg.sender);
        used.stopped = true;
        emit Stopped(msg.sender);
    }

    /// @notice Says that somebody other than the operator still watches. When it stays away, the operator is stopped without anybody's act.
    function heartbeat() external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotAllowed(msg.sender);
        used.heartbeatAt = uint40(block.timestamp);
        emit Beaten(uint40(block.timestamp));
    }

    // --- owner -----------------------------------------------------------------------------------------------------------------

    function resume() external onlyOwner {
        used.stopped = false;
        emit Resumed();
    }

    /// @notice Works whatever else is stopped.
    function withdraw(IERC20 token, address to, uint256 amount) external onlyOwner nonReentrant {
        emit Withdrawn(token, to, amount);
        token.safeTransfer(to, amount);
    }

    function listToken(IERC20 token, IFeed feed, uint32 maxAge) external onlyOwner {
        if (maxAge == 0) revert InvalidTerms();
        tokens[token] = Token(feed, maxAge, IERC20Metadata(address(token)).decimals(), feed.decimals());
        emit TokenListed(token, feed, maxAge);
    }

    /// @notice A route for one direction of one pool; its tokens must be listed first.
    function listRoute(uint32 id, ISwapRouter router, IERC20 tokenIn, IERC20 tokenOut, uint24 fee) external onlyOwner {
        _requireListed(tokenIn);
        _requireListed(tokenOut);
        if (address(tokenIn) == address(tokenOut) || address(router) == address(0)) revert InvalidTerms();
        routes[id] = Route(router, fee, true, tokenIn, tokenOut);
        emit RouteListed(id, router, tokenIn, tokenOut, fee);
    }

    function removeRoute(uint32 id) external onlyOwner {
        delete routes[id];
        emit RouteRemoved(id);
    }

    function setLimits(Limits calldata limits_) external onlyOwner {
        _setLimits(limits_);
    }

    function setSequencer(IFeed feed, uint32 grace) external onlyOwner {
        (sequencer, graceSeconds) = (feed, grace);
        emit SequencerChanged(feed, grace);
    }

    function setRoles(address operator_, address guardian_) external onlyOwner {
        _setRoles(operator_, guardian_);
    }

    /// @notice The vault must have named this guard as its book.
    function setVault(IFundedVault vault_) external onlyOwner {
        if (address(vault_) != address(0) && vault_.book() != address(this)) revert InvalidTerms();
        vault = vault_;
        emit VaultChanged(vault_);
    }

    /// @dev Without an owner a stopped treasury would be lost.
    function renounceOwnership() public view override onlyOwner {
        revert NotAllowed(msg.sender);
    }

    // --- inside ----------------------------------------------------------------------------------------------------------------

    function _requireOpen(uint256 deadline) private view {
        if (block.timestamp > deadline) revert Expired(deadline);
        if (address(sequencer) == address(0)) return;
        (, int256 answer, uint256 startedAt,,) = sequencer.latestRoundData();
        if (answer != 0 || startedAt == 0 || block.timestamp < startedAt + graceSeconds) revert SequencerDown();
    }

    function _requireListed(IERC20 token) private view {
        if (address(tokens[token].feed) == address(0)) revert TokenNotListed(token);
    }

    function _trade(uint32 id, uint256 amountIn, uint256 minimumOut, uint256 deadline)
        private
        returns (uint256 received, uint256 spentUsd, uint256 lossUsd)
    {
        Route memory route = routes[id];
        if (!route.listed) revert RouteNotListed(id);
        uint256 spent;
        (spent, received) = _swap(route, amountIn, minimumOut, deadline);
        if (received < minimumOut) revert ReceivedTooLittle(received, minimumOut);
        // Rounded against the operator on both sides: a loss is never smaller than it was.
        spentUsd = _usd(route.tokenIn, spent, Math.Rounding.Ceil);
        uint256 receivedUsd = _usd(route.tokenOut, received, Math.Rounding.Floor);
        if (spentUsd > limits.tradeUsd) revert TradeTooLarge(spentUsd);
        lossUsd = Math.saturatingSub(spentUsd, receivedUsd);
        if (lossUsd * BASIS > spentUsd * limits.lossPerTradeBps) revert TradeLosesTooMuch(lossUsd);
        emit Hedged(id, spent, received, spentUsd, lossUsd);
    }

    /// @dev What the router says it did is not asked: balances are.
    function _swap(Route memory route, uint256 amountIn, uint256 minimumOut, uint256 deadline)
        private
        returns (uint256 spent, uint256 received)
    {
        uint256 inBefore = route.tokenIn.balanceOf(address(this));
        uint256 outBefore = route.tokenOut.balanceOf(address(this));
        route.tokenIn.forceApprove(address(route.router), amountIn);
        route.router.exactInputSingle(
            ISwapRouter.ExactInputSingleParams({
                tokenIn: address(route.tokenIn),
                tokenOut: address(route.tokenOut),
                fee: route.fee,
                recipient: address(this),
                deadline: deadline,
                amountIn: amountIn,
                amountOutMinimum: minimumOut,
                sqrtPriceLimitX96: 0
            })
        );
        _requireNoAllowance(route.tokenIn, address(route.router));
        spent = inBefore - route.tokenIn.balanceOf(address(this));
        received = route.tokenOut.balanceOf(address(this)) - outBefore;
        if (spent > amountIn) revert SpentTooMuch(spent, amountIn);
    }

    function _requireNoAllowance(IERC20 token, address spender) private {
        if (token.allowance(address(this), spender) != 0) token.forceApprove(spender, 0);
    }

    /// @dev Value at the feed's price in millionths of a USD. No price, no trade.
    function _usd(IERC20 token, uint256 amount, Math.Rounding rounding) private view returns (uint256) {
        Token memory terms = tokens[token];
        (, int256 answer,, uint256 updatedAt,) = terms.feed.latestRoundData();
        if (
            answer <= 0 || updatedAt == 0 || updatedAt > block.timestamp
                || block.timestamp - updatedAt > terms.maxAge
        ) revert PriceUnusable(token);
        uint256 unit = 10 ** (uint256(terms.decimals) + terms.feedDecimals);
        return Math.mulDiv(amount, uint256(answer) * 1e6, unit, rounding);
    }

    /// @dev Fills both buckets, after what has drained since; each holds half a day's limit and drains that much in a day.
    function _count(uint256 usd, uint256 lossUsd) private {
        uint256 elapsed = block.timestamp - used.countedAt;
        uint256 volume = usd + _left(used.volumeUsd, limits.volumePerDayUsd, elapsed);
        uint256 loss = lossUsd + _left(used.lossUsd, limits.lossPerDayUsd, elapsed);
        if (volume > limits.volumePerDayUsd / 2) revert DailyVolume(volume);
        if (loss > limits.lossPerDayUsd / 2) revert DailyLoss(loss);
        used.volumeUsd = volume.toUint64();
        used.lossUsd = loss.toUint64();
        used.countedAt = uint40(block.timestamp);
    }

    /// @dev Drained rounded down.
    function _left(uint256 level, uint256 perDay, uint256 elapsed) private pure returns (uint256) {
        return Math.saturatingSub(level, ((perDay / 2) * elapsed) / 1 days);
    }

    function _setRoles(address operator_, address guardian_) private {
        if (operator_ == address(0) || guardian_ == address(0) || operator_ == guardian_) revert InvalidTerms();
        (operator, guardian) = (operator_, guardian_);
        emit RolesChanged(operator_, guardian_);
    }

    function _setLimits(Limits memory limits_) private {
        if (limits_.lossPerTradeBps > BASIS || limits_.heartbeatSeconds == 0) revert InvalidTerms();
        limits = limits_;
        emit LimitsChanged(limits_);
    }
}
