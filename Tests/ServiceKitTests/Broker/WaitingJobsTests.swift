import AMQP
import Contracts
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServiceKit

/// Jobs that wait for another attempt in a broker that is killed.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WaitingJobsTests {
    @Test(arguments: QueueType.allCases)
    func `No job is lost that returns from its tier while the broker is killed`(_ type: QueueType) async throws {
        try await PrivateBroker.run { broker in
            let configuration = ConnectionConfiguration(addresses: try BrokerAddress.list(broker.url), name: "test")
            let connection = AMQPConnection(
                configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await connection.declare(Topology(type).declarations)
            try await broker.flushDeclarations()
            let queue = QueueName.work(.match, type)[0]
            for round in 0..<2 {
                let jobs = (0..<1000).map { "\(round).\($0)" }
                try await publish(jobs, to: connection)
                try await eventually("jobs return") { try await connection.status(of: queue).ready > 0 }
                try await broker.kill()
                try await broker.restart()
                try await eventually("all jobs have returned") {
                    try await broker.vhost.depth(of: RetryTier.s1.queue) == 0
                }
                let found = try await broker.vhost.removeMessages(queue, count: 5000)
                let missing = Set(jobs).subtracting(found.map { String(decoding: $0.body, as: UTF8.self) })
                #expect(missing.isEmpty, "\(missing.count) of \(jobs.count) jobs are lost")
            }
            await connection.close()
        }
    }

    /// One after another, which takes more than a second: the first jobs return while the last ones arrive.
    private func publish(_ jobs: [String], to connection: AMQPConnection) async throws {
        for job in jobs {
            let message = Message(body: Data(job.utf8))
            try await connection.publish(
                message, to: ExchangeName.retry, key: RoutingKey.retry(.s1, .match, priority: 9))
        }
    }
}
