import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MalformedEventTests {
    @Test func `A malformed event is parked once although the database refuses its batch again and again`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
                    var configuration = Configuration()
                    configuration.allowsUnsafeTransactions = true
                    configuration.busyMode = .timeout(5)
                    let lock = try DatabaseQueue(
                        path: folder.path(".harmony/idempotency.db"), configuration: configuration)
                    try await lock.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
                    let job = JobID()
                    try await process.runtime.publisher.publish(
                        .test(.started, .match, .matching, hop: 0, job: job))
                    try await vhost.publish("{}", to: ExchangeName.events, key: "job.match.started")
                    try await vhost.publish("{}", to: ExchangeName.events, key: "job.match.started")
                    try await eventually("the batch failed", timeout: .seconds(60)) {
                        process.runtime.readiness.report().checks[QueueName.gatewayEvents]?.ok == false
                    }
                    try lock.close()
                    try await process.eventually(job, is: .matching)
                    try await eventually("the queue is empty") {
                        try await vhost.depth(of: QueueName.gatewayEvents) == 0
                    }
                    #expect(
                        try await vhost.peek(QueueName.invalid).map(\.routingKey) == [
                            "invalid.events", "invalid.events",
                        ])
                }
            }
        }
    }
}
