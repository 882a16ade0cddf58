import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Budgets of child processes that are killed with SIGKILL.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BudgetProcessTests {
    @Test func `A request of a killed process counts, and blocks others for its lease`() async throws {
        let limits = BudgetLimits(uses: 5, window: .seconds(60), concurrent: 1, lease: .seconds(5))
        try await BudgetFixture.run { fixture in
            let child = BudgetChild(fixture, limits)
            await #expect(processExitsWith: .signal(SIGKILL)) { [child = child as BudgetChild] in
                try await child.budget().withPermit(patience: .seconds(5)) { child.die() }
            }
            let budget = try fixture.budget(limits, clock: .system)
            let died = try #require(try await fixture.ledgers().first?.uses.first?.at)
            #expect(try await budget.refusal()?.reason == .concurrency)
            #expect(try await budget.use(patience: .seconds(10)))
            #expect(Timestamp.now.since(died) >= limits.lease)
            let status = try await budget.status()
            #expect(status.used == 2 && status.inFlight == 0)
        }
    }

    @Test func `No use is lost when a process is killed between publish and ack`() async throws {
        let limits = BudgetLimits(uses: 2, window: .seconds(60))
        try await BudgetFixture.run { fixture in
            let budget = try fixture.budget(limits, clock: .system)
            #expect(try await budget.use())
            let child = BudgetChild(fixture, limits)
            await #expect(processExitsWith: .signal(SIGKILL)) { [child = child as BudgetChild] in
                try await child.dieWhileReplacing()
            }
            #expect(try await budget.refusal()?.reason == .window)
            #expect(try await budget.status().used == 2)
        }
    }

    @Test func `Three processes stay within a budget while they are killed one after another`() async throws {
        let limits = BudgetLimits(
            uses: 6, window: .seconds(2), gap: .milliseconds(50), concurrent: 1, lease: .milliseconds(500))
        try await withTemporaryFolder { folder in
            try await BudgetFixture.run { fixture in
                let file = folder.path("requests")
                let children = [2.5, 4.1, 8].map { BudgetChild(fixture, limits, file, killAfter: $0) }
                await withTaskGroup { tasks in
                    for child in children {
                        tasks.addTask {
                            await #expect(processExitsWith: .signal(SIGKILL)) { [child = child as BudgetChild] in
                                try await child.askForEver()
                            }
                        }
                    }
                }
                var requests = Requests()
                for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
                    requests.begin(try #require(Timestamp(String(line))))
                    requests.end()
                }
                // A killed process does not record when its request started, milliseconds after its permit.
                var seen = limits
                seen.window -= .milliseconds(100)
                seen.gap -= .milliseconds(40)
                requests.expectWithin(seen)
                #expect(requests.begins.count >= 12)
            }
        }
    }
}

/// The input of a child process, and its work.
struct BudgetChild: Codable, Sendable {
    let url: String
    let file: String
    let killAfter: Double
    private let uses: Int
    private let concurrent: Int
    /// Window, gap and lease, in seconds.
    private let spans: [Double]

    init(_ fixture: BudgetFixture, _ limits: BudgetLimits, _ file: String = "", killAfter: Double = 0) {
        url = fixture.vhost.url
        self.file = file
        self.killAfter = killAfter
        uses = limits.uses
        concurrent = limits.concurrent
        spans = [limits.window, limits.gap, limits.lease].map { $0 / .seconds(1) }
    }

    func die() { kill(getpid(), SIGKILL) }

    func connect() throws -> AMQPConnection {
        AMQPConnection(
            ConnectionConfiguration(addresses: try BrokerAddress.list(url), name: "child"), logger: BudgetFixture.silent
        )
    }

    func budget() throws -> ProviderBudget {
        let limits = BudgetLimits(
            uses: uses, window: .seconds(spans[0]), gap: .seconds(spans[1]), concurrent: concurrent,
            lease: .seconds(spans[2]))
        return ProviderBudget(
            "slskd", limits, reading: try connect(), publishing: try connect(), queueType: .classic,
            logger: BudgetFixture.silent)
    }

    func dieWhileReplacing() async throws {
        let connection = try connect()
        let queue = QueueName.budget("slskd")
        try await connection.inspect(QueueName.budgetLock("slskd")) { locks in
            try await eventually("it has the turn") { try await locks.next() != nil }
            try await connection.inspect(queue) { look in
                let delivery = try #require(try await look.next())
                var ledger = try #require(BudgetLedger(delivery.message.body))
                ledger.merge([BudgetUse(id: "of the dead", at: .now)])
                var properties = MessageProperties()
                properties.type = MessageType.budget
                let message = Message(body: try ContractCoding.encode(ledger), properties: properties)
                try await connection.publish(message, to: "", key: queue)
                die()
            }
        }
    }

    /// Sends as many requests as permitted and records their times, until the process is killed.
    func askForEver() async throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: killAfter)
            die()
        }
        let budget = try budget()
        while true {
            try await budget.withPermit(patience: .seconds(60)) {
                let line = "\(Timestamp.now)\n"
                _ = line.withCString { write(descriptor, $0, strlen($0)) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
