public import Contracts
public import Logging
import Synchronization

/// The result of a readiness check.
public enum CheckResult: Sendable, Equatable {
    case ok
    /// The check passes with a remark, such as the mode in which a service works.
    case noted(String)
    /// The check fails: why, and what to do.
    case failing(String)

    /// Whether the check passes.
    public var isFine: Bool {
        switch self {
        case .ok, .noted: true
        case .failing: false
        }
    }
}

/// The checks of a service by name: the response to `GET /ready`.
public struct ReadinessReport: Codable, Sendable, Equatable {
    public var ok: Bool
    public var service: ServiceName
    public var checks: [String: Check]

    /// The last result of one check.
    public struct Check: Codable, Sendable, Equatable {
        public var ok: Bool
        public var reason: String?
    }
}

/// The readiness of a service: named checks that are repeated. A service consumes messages only while all of them pass.
public final class Readiness: Sendable {
    public typealias Check = @Sendable () async -> CheckResult

    private struct State {
        var checks: [(name: String, check: Check)] = []
        var results: [String: CheckResult] = [:]
        var observers: [Int: AsyncStream<Bool>.Continuation] = [:]
        var nextObserver = 0

        /// A check without a result counts as failing.
        var isReady: Bool { checks.allSatisfy { results[$0.name]?.isFine ?? false } }

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

    /// Adds a check. It may be slow: one task repeats it every few seconds.
    public func add(_ name: String, _ check: @escaping Check) {
        state.withLock { $0.change { $0.checks.append((name, check)) } }
    }

    /// Adds a check that returns why it fails and what to do, or `nil`.
    public func add(_ name: String, problem: @escaping @Sendable () async -> String?) {
        add(name) { await problem().map(CheckResult.failing) ?? .ok }
    }

    /// Whether the last result of every check was a pass.
    public var isReady: Bool { state.withLock { $0.isReady } }

    public func report() -> ReadinessReport {
        state.withLock { state in
            let checks = state.checks.map { name, _ in
                switch state.results[name] {
                case .ok: (name, ReadinessReport.Check(ok: true))
                case .noted(let remark): (name, ReadinessReport.Check(ok: true, reason: remark))
                case .failing(let reason): (name, ReadinessReport.Check(ok: false, reason: reason))
                case nil: (name, ReadinessReport.Check(ok: false, reason: "not checked yet"))
                }
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

    /// Runs every check once, concurrently.
    public func refresh() async {
        let checks = state.withLock { $0.checks }
        await withTaskGroup(of: (String, CheckResult).self) { group in
            for (name, check) in checks { group.addTask { (name, await check()) } }
            for await (name, result) in group { record(name, result) }
        }
    }

    private func record(_ name: String, _ result: CheckResult) {
        let changed = state.withLock { state in
            state.change { $0.results.updateValue(result, forKey: name) != result }
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
