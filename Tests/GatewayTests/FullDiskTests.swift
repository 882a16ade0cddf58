import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct FullDiskTests {
    private static let lazyUnmount: Int32 = 2

    /// Whether this process can mount. In continuous integration, a missing volume is a failure and no reason to skip.
    static let canMount: Bool = {
        if ProcessInfo.processInfo.environment["CI"] != nil { return true }
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        defer { try? folder.remove() }
        guard mount("hdm", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        umount2(folder.path, lazyUnmount)
        return true
    }()

    /// Runs a gateway on quorum queues, with its database on a small volume of its own.
    private static func withGateway(
        _ environment: [String: String], _ test: (TestVhost, GatewayProcess, RecordedLog, String) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let volume = try folder.folder("state").path
                guard mount("hdm", volume, "tmpfs", 0, "size=8m") == 0 else { throw NotThere() }
                defer { umount2(volume, lazyUnmount) }
                let log = RecordedLog()
                var environment = environment
                environment["HDM_QUEUE_TYPE"] = "quorum"
                environment["IDEMPOTENCY_SQLITE_PATH"] = "\(volume)/idempotency.db"
                try await GatewayProcess.run(on: vhost, in: folder, environment: environment, logger: log.logger) {
                    try await test(vhost, $0, log, volume)
                }
            }
        }
    }

    private static func fill(_ volume: String) throws -> String {
        let path = "\(volume)/filler"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw NotThere() }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        for size in [64 << 10, 4 << 10, 1] {
            while (try? file.write(contentsOf: Data(count: size))) != nil {}
        }
        return path
    }

    /// Locks a database until the connection is closed.
    private static func lock(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        return queue
    }

    /// With the short hold limit, the deliveries are returned to the broker once or twice meanwhile.
    @Test(.enabled(if: canMount, "a tmpfs cannot be mounted by this user"), arguments: [1200, 5])
    func `What arrives while the disk is full is all there afterwards`(_ holdLimit: Int) async throws {
        try await Self.withGateway(["HDM_BROKER_ACK_LIMIT_S": "\(holdLimit)"]) { vhost, process, log, volume in
            try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
            // The write-ahead log keeps its size, and its unused part needs no space.
            try await eventually("the write-ahead log is empty") {
                try? await process.store.writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
                return try Data(contentsOf: URL(filePath: "\(volume)/idempotency.db-wal")).isEmpty
            }
            // A full volume pauses the gateway. The lock lets the messages arrive before that.
            let lock = try Self.lock("\(volume)/idempotency.db")
            for match in (0..<30).map({ _ in DoubtfulMatch() }) {
                try await process.runtime.publisher.publish(match.event)
                try await process.runtime.publisher.publishForReview(match.job, match.envelope)
            }
            try await vhost.publish(
                #"{"items":[{"artist":"B","title":"x"}]}"#, to: ExchangeName.intake, key: QueueName.submitKey)
            let queues = [QueueName.review, QueueName.gatewayEvents, QueueName.intake]
            for queue in queues {
                try await eventually("the gateway has the messages of \(queue)") {
                    try await process.runtime.publishing.status(of: queue).ready == 0
                }
            }
            let filler = try Self.fill(volume)
            try lock.close()
            let returned = "messages are returned to their queue"
            try await eventually("the checks of the queues fail, or messages are returned") {
                if holdLimit < 60 { return log.messages.contains(returned) }
                let checks = process.runtime.readiness.report().checks
                return queues.allSatisfy { checks[$0]?.ok == false }
            }
            try FileManager.default.removeItem(atPath: filler)
            try await eventually("every review is there", timeout: .seconds(60)) {
                try await process.store.openReviews() == 30
            }
            try await eventually("the submission is there", timeout: .seconds(60)) {
                try await process.store.jobs(JobFilter(states: [.queued])).total == 1
            }
            try await eventually("the events are applied", timeout: .seconds(60)) {
                try await process.store.jobs(JobFilter(states: [.review])).total == 30
            }
            for queue in queues {
                try await eventually("\(queue) is empty") { try await vhost.depth(of: queue) == 0 }
            }
            #expect(try await vhost.peek(QueueName.invalid).map(\.routingKey) == [])
            #expect(log.messages.contains(returned) == (holdLimit < 60))
            try await eventually("the gateway is ready again") { process.runtime.readiness.isReady }
        }
    }
}
