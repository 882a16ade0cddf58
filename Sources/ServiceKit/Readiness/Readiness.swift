public import Contracts
public import Logging
import Synchronization

/// The readiness of a service: named checks that are repeated. A service consumes messages only while all of them pass.
///
/// Every check has a deadline and never delays another one. The report consists of the last results, so it never waits.
public final class Readiness: Sendable {
    public typealias Check = @Sendable () async -> CheckResult

    /// How long a check may take by default.
    public static let deadline: Duration = .seconds(5)
    /// How often the checks are repeated by default.
    public static let interval: Duration = .seconds(3)

    private struct State {
        var checks: [RepeatedCheck] = []
        var results: [String: (result: CheckResult, at: ContinuousClock.Instant)] = [:]
        var suspicions: [@Sendable () -> Void] = []
        var observers: [Int: AsyncStream<Bool>.Continuation] = [:]
        var nextObserver = 0

        /// A check without a result counts as failing.
        var isReady: Bool { checks.allSatisfy { results[$0.name]?.result.isFine ?? false } }

        /// Changes the state, and notifies the observers if the readiness changed. Runs under the lock, so that no observer
        /// gets an older value after a newer one.
        mutating func change<Value>(_ body: (inout State) -> Value) -> Value {
            let before = isReady
            let value = body(&self)
            let now = isReady
            if now != before { for observer in observers.values { observer.yield(now) } }
            return value
        }
    }

    private let state = Mutex(State())
    private let service: ServiceName
    private let logger: Logger

    public init(service: ServiceName, logger: Logger) {
        self.service = service
        self.logger = logger
    }

    /// Adds a check. It runs every few seconds in a task of its own, and never twice at the same time.
    ///
    /// - Parameters:
    ///   - deadline: how long it may take before it counts as failing; at most 10 seconds.
    ///   - interval: the shortest time between two runs.
    public func add(
        _ name: String, deadline: Duration = Readiness.deadline, every interval: Duration = .zero,
        _ check: @escaping Check
    ) {
        let check = RepeatedCheck(name, deadline: deadline, interval: interval, check) { [weak self] result in
            self?.record(name, result)
        }
        state.withLock { $0.change { $0.checks.append(check) } }
    }

    /// Adds a check that returns why it fails and what to do, or `nil`.
    public func add(
        _ name: String, deadline: Duration = Readiness.deadline, problem: @escaping @Sendable () async -> String?
    ) {
        add(name, deadline: deadline) { await problem().map(CheckResult.failing) ?? .ok }
    }

    /// Adds the check of a volume, which ``suspectVolumes()`` makes thorough.
    public func add(_ name: String, _ volume: VolumeCheck) {
        state.withLock { $0.suspicions.append(volume.suspect) }
        add(name) { await volume.run() }
    }

    /// Whether the last result of every check was a pass.
    public var isReady: Bool { state.withLock { $0.isReady } }

    /// Returns the last results without waiting.
    public func report() -> ReadinessReport {
        let now = ContinuousClock.now
        return state.withLock { state in
            let checks = state.checks.map { check in
                let last = state.results[check.name]
                var entry = ReadinessReport.Check(last?.result)
                let age = last?.at.duration(to: now) ?? .zero
                if age > check.staleAfter(Self.interval) { entry.ageS = Int(age.components.seconds) }
                return (check.name, entry)
            }
            return ReadinessReport(
                ok: state.isReady, service: service, checks: Dictionary(checks) { _, last in last })
        }
    }

    /// The present readiness and every later change.
    public var changes: AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            defer { state.nextObserver += 1 }
            state.observers[state.nextObserver] = continuation
            continuation.yield(state.isReady)
            return state.nextObserver
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
        }
        return stream
    }
}

// MARK: - Running the checks

extension Readiness {
    /// Runs every check once, concurrently, and waits for the results, at most until the longest deadline. A check that
    /// hangs is not started again.
    public func refresh() async {
        await withDiscardingTaskGroup { group in
            for check in checks { group.addTask { await check.runAndWait() } }
        }
    }

    /// Runs every check once, without waiting.
    func recheck() { for check in checks { check.runNow() } }

    /// Starts the checks that are due, without waiting.
    func runDueChecks() { for check in checks { check.runIfDue() } }

    /// Makes the next checks of volumes write to them, because an operation on a file failed.
    ///
    /// The checks run at their next turn, so a series of failures causes one write every few seconds.
    public func suspectVolumes() { for suspect in state.withLock({ $0.suspicions }) { suspect() } }

    private var checks: [RepeatedCheck] { state.withLock { $0.checks } }

    private func record(_ name: String, _ result: CheckResult) {
        let changed = state.withLock { state in
            state.change { $0.results.updateValue((result, .now), forKey: name)?.result != result }
        }
        if changed { log(name, result) }
    }

    private func log(_ name: String, _ result: CheckResult) {
        switch result {
        case .ok:
            logger.log(event: .readinessChanged, "a check passes", metadata: [LogKey.check: .string(name)])
        case .noted(let remark):
            logger.log(
                event: .readinessChanged, "a check passes: \(remark)", metadata: [LogKey.check: .string(name)])
        case .failing(let reason):
            logger.log(
                event: .readinessChanged, level: .warning, "a check fails; no messages are consumed until it passes",
                metadata: [LogKey.check: .string(name), LogKey.error: .string(reason)])
        }
    }
}
