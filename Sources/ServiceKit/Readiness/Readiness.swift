public import Contracts
public import Logging
import Synchronization

/// What a check found.
public enum CheckResult: Sendable, Equatable {
    case ok
    /// Fine, and worth a word: in which mode a service works, for example.
    case noted(String)
    /// Why not, and what to do.
    case failing(String)

    /// Whether the service can work, as far as this check goes.
    public var isFine: Bool {
        switch self {
        case .ok, .noted: true
        case .failing: false
        }
    }
}

/// Every check of a service by name, for `GET /ready`.
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

/// Whether a service can work: named checks that are asked again and again. Gates consumption both ways.
public final class Readiness: Sendable {
    public typealias Check = @Sendable () async -> CheckResult

    private struct State {
        var checks: [(name: String, check: Check)] = []
        var results: [String: CheckResult] = [:]
        var observers: [Int: AsyncStream<Bool>.Continuation] = [:]
        var nextObserver = 0

        /// A check that was never asked counts as failing: a service that does not know is not ready.
        var isReady: Bool { checks.allSatisfy { results[$0.name]?.isFine ?? false } }

        /// Tells the observers when a change made another of the readiness. Called under the lock, so that no observer
        /// gets an older word after a newer one.
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

    /// Adds a check. It may take its time; it is asked by one task, every few seconds.
    public func add(_ name: String, _ check: @escaping Check) {
        state.withLock { $0.change { $0.checks.append((name, check)) } }
    }

    /// Adds a check that says what is wrong and what to do, or nothing.
    public func add(_ name: String, problem: @escaping @Sendable () async -> String?) {
        add(name) { await problem().map(CheckResult.failing) ?? .ok }
    }

    /// Whether every check was fine when it was last asked.
    public var isReady: Bool { state.withLock { $0.isReady } }

    public func report() -> ReadinessReport {
        state.withLock { state in
            let checks = state.checks.map { name, _ in
                switch state.results[name] {
                case .ok: (name, ReadinessReport.Check(ok: true))
                case .noted(let note): (name, ReadinessReport.Check(ok: true, reason: note))
                case .failing(let reason): (name, ReadinessReport.Check(ok: false, reason: reason))
                case nil: (name, ReadinessReport.Check(ok: false, reason: "not checked yet"))
                }
            }
            return ReadinessReport(
                ok: state.isReady, service: service, checks: Dictionary(checks) { _, last in last })
        }
    }

    /// The present readiness and every change of it.
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

    /// Asks every check once, side by side.
    public func refresh() async {
        let checks = state.withLock { $0.checks }
        await withTaskGroup(of: (String, CheckResult).self) { group in
            for (name, check) in checks { group.addTask { (name, await check()) } }
            for await (name, result) in group { note(name, result) }
        }
    }

    private func note(_ name: String, _ result: CheckResult) {
        let changed = state.withLock { state in
            state.change { $0.results.updateValue(result, forKey: name) != result }
        }
        if changed { log(name, result) }
    }

    private func log(_ name: String, _ result: CheckResult) {
        switch result {
        case .ok:
            logger.log(event: .readinessChanged, "a check passes", metadata: [LogKey.check: .string(name)])
        case .noted(let note):
            logger.log(
                event: .readinessChanged, "a check passes: \(note)", metadata: [LogKey.check: .string(name)])
        case .failing(let reason):
            logger.log(
                event: .readinessChanged, level: .warning, "a check fails; nothing is consumed until it passes",
                metadata: [LogKey.check: .string(name), LogKey.error: .string(reason)])
        }
    }
}
