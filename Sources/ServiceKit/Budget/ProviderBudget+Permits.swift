import Contracts
import Foundation
import Logging

extension ProviderBudget {
    private enum Decision: Sendable {
        case granted(String)
        case refused(BudgetObstacle, BudgetLedger)
    }

    /// How long a job waits that finds `hdm topology upgrade` at work.
    private static let pauseOfUpgrade: Duration = .seconds(15)

    /// Waits for a permit.
    /// - Returns: the id of a use that the broker has confirmed.
    func permit(until deadline: Timestamp) async throws -> String {
        while true {
            guard !store.isSuspended() else {
                throw BudgetExhausted(provider: provider, until: clock.now() + Self.pauseOfUpgrade, reason: .upgrade)
            }
            switch try await requestPermit() {
            case .granted(let id): return id
            case .refused(let obstacle, let ledger):
                guard let pause = pause(for: obstacle, until: deadline) else {
                    throw exhausted(obstacle.reason, ledger)
                }
                try await clock.sleep(pause)
            }
        }
    }

    private func requestPermit() async throws -> Decision {
        try await store.change { ledger in
            let now = clock.now()
            if let obstacle = ledger.obstacle(limits, at: now) { return .refused(obstacle, ledger) }
            let id = String(UInt64.random(in: .min ... .max), radix: 16)
            ledger.add(id, limits, at: now)
            return .granted(id)
        }
    }

    /// Returns the pause before the next attempt; `nil` when that is after the deadline.
    private func pause(for obstacle: BudgetObstacle, until deadline: Timestamp) -> Duration? {
        let now = clock.now()
        // A request in flight may end at any time.
        let pause: Duration =
            obstacle.reason == .concurrency ? .milliseconds(.random(in: 100...250)) : obstacle.until.since(now)
        return now + pause <= deadline ? max(pause, .milliseconds(1)) : nil
    }

    /// Gives the n-th refused caller the time when the n-th request from now may start.
    private func exhausted(_ reason: BudgetExhausted.Reason, _ ledger: BudgetLedger) -> BudgetExhausted {
        let now = clock.now()
        let until = announced.withLock { announced in
            announced.removeAll { $0 <= now }
            let count = announced.count + 1
            var until = ledger.start(ofRequest: count, limits, at: now)
            if reason == .concurrency { until = max(until, now + .seconds(count)) }
            announced.append(until)
            return until
        }
        let error = BudgetExhausted(provider: provider, until: until, reason: reason)
        logger.log(
            event: .budgetExhausted, level: .debug, "a provider's budget allows no request now",
            metadata: [
                LogKey.provider: .string(provider), LogKey.until: .string(until.description),
                LogKey.error: .string(reason.rawValue),
            ])
        return error
    }

    /// Records that a request has ended. If the broker does not respond, a later change records it, or the lease ends.
    func end(_ id: String, began: Timestamp) async {
        store.memory.end(id, began: began, forgetAt: clock.now() + limits.horizon)
        // In a task of its own, so that a cancelled request is recorded as well.
        await Task {
            do {
                try await store.change(urgently: true) { _ in }
            } catch {
                logger.debug(
                    "the end of a request to a provider is recorded later",
                    metadata: [LogKey.provider: .string(provider)])
            }
        }.value
    }
}
