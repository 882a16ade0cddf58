import AMQP
import Contracts
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServiceKit

/// Budgets of several processes, each with its own connections.
final class BudgetFixture: Sendable {
    let vhost: TestVhost
    let time: VirtualTime
    private let connections = Shared<[AMQPConnection]>([])

    private init(_ vhost: TestVhost) {
        self.vhost = vhost
        time = VirtualTime()
    }

    /// Runs a test on a virtual host, and closes all connections.
    static func run(_ test: (BudgetFixture) async throws -> Void) async throws {
        try await withVhost { try await run(on: $0, test) }
    }

    static func run(on vhost: TestVhost, _ test: (BudgetFixture) async throws -> Void) async throws {
        let fixture = BudgetFixture(vhost)
        let result = await Result { try await test(fixture) }
        for connection in fixture.connections.value { await connection.close() }
        try result.get()
    }

    func connect(_ name: String) throws -> AMQPConnection {
        var configuration = ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: name)
        configuration.longestBackoff = .seconds(1)
        let connection = AMQPConnection(configuration, logger: Self.silent)
        connections.change { $0.append(connection) }
        return connection
    }

    /// Creates the budget of another process.
    func budget(
        _ limits: BudgetLimits, provider: String = "slskd", lostAfter: Duration = .seconds(30),
        queueType: QueueType = .classic, clock: BudgetClock? = nil
    ) throws -> ProviderBudget {
        try budget(limits, on: connect("reading"), provider, lostAfter, queueType, clock)
    }

    /// Creates the budget of a process that the test kills by closing its connection.
    func budget(
        _ limits: BudgetLimits, on reading: AMQPConnection, _ provider: String = "slskd",
        _ lostAfter: Duration = .seconds(30), _ queueType: QueueType = .classic, _ clock: BudgetClock? = nil
    ) throws -> ProviderBudget {
        var timing = BudgetLedgerStore.Timing()
        timing.lostAfter = lostAfter
        timing.settle = .milliseconds(200)
        return ProviderBudget(
            provider, limits, reading: reading, publishing: try connect("publishing"), queueType: queueType,
            clock: clock ?? time.clock, timing: timing, logger: Self.silent)
    }

    /// The ledgers in the queue.
    func ledgers(_ provider: String = "slskd") async throws -> [BudgetLedger] {
        let messages = try await vhost.peek(QueueName.budget(provider))
        return messages.filter { $0.properties["type"] == .string(MessageType.budget) }.compactMap {
            BudgetLedger($0.body)
        }
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension ProviderBudget {
    /// Sends a request that takes no time.
    /// - Returns: whether it was permitted.
    func use(patience: Duration = .zero) async throws -> Bool {
        do {
            try await withPermit(patience: patience) {}
            return true
        } catch is BudgetExhausted {
            return false
        }
    }

    /// Returns why and until when a request is refused; `nil` when it was permitted.
    func refusal(patience: Duration = .zero) async throws -> BudgetExhausted? {
        do {
            try await withPermit(patience: patience) {}
            return nil
        } catch let refusal as BudgetExhausted {
            return refusal
        }
    }
}

/// The requests that the provider received.
struct Requests: Sendable {
    private(set) var begins: [Timestamp] = []
    private(set) var mostAtOnce = 0
    private var running = 0

    mutating func begin(_ time: Timestamp) {
        begins.append(time)
        running += 1
        mostAtOnce = max(mostAtOnce, running)
    }

    mutating func end() { running -= 1 }

    /// Expects that the requests are within the limits.
    func expectWithin(_ limits: BudgetLimits, _ place: SourceLocation = #_sourceLocation) {
        let sorted = begins.sorted()
        for (earlier, later) in zip(sorted, sorted.dropFirst()) where later.since(earlier) < limits.gap {
            Issue.record("a gap of \(later.since(earlier)) at \(later)", sourceLocation: place)
        }
        if limits.concurrent > 0 { #expect(mostAtOnce <= limits.concurrent, sourceLocation: place) }
        guard limits.uses > 0 else { return }
        for (earlier, later) in zip(sorted, sorted.dropFirst(limits.uses))
        where later.since(earlier) < limits.window {
            Issue.record(
                "\(limits.uses + 1) requests within \(later.since(earlier)) at \(later)", sourceLocation: place)
        }
    }
}
