import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayCancelTests {
    /// Events of services that have not seen the cancellation.
    private static let late: [(JobEvent.Name, Stage, JobState)] = [
        (.started, .download, .downloading), (.retry, .download, .waiting), (.completed, .tag, .moving),
        (.deadLettered, .tag, .deadLetter),
    ]

    @Test func `A cancelled job stays cancelled after late events, and its key is free`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.started, .download, .downloading, hop: 1, job: id))
            try await gateway.jobCommands.cancel(id, by: "tester")
            for (hop, event) in Self.late.enumerated() {
                try await gateway.apply(.test(event.0, event.1, event.2, hop: hop + 2, job: id))
                #expect(try await gateway.job(id).summary.state == .cancelled)
            }
            let job = try await gateway.job(id)
            #expect(job.summary.stage == .download && job.summary.endedAt != nil)
            #expect(job.timeline.contains { $0.event == "job.download.cancelled" })
            #expect(gateway.cancelled.isCancelled(id, requeues: 0))
            let again = try await gateway.submit(title: "Sinnerman")
            #expect(again.status == .enqueued && again.jobID != id)
        }
    }

    @Test func `The order and the event are in the outbox, and the request goes with them`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.jobCommands.cancel(id, by: "tester")
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(10))
            #expect(
                Set(entries.filter { $0.route.stage == nil }.map(\.route.exchange)) == [
                    ExchangeName.control, ExchangeName.events,
                ])
            let order = try #require(entries.first { $0.route.exchange == ExchangeName.control })
            let message = try ContractCoding.decode(ControlMessage.self, from: order.body)
            #expect(message.order == .cancel && message.jobID == id && message.requeues == 0)
        }
    }

    @Test func `A file that reached the library before the cancellation completes the job`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.jobCommands.cancel(id, by: "tester")
            try await gateway.apply(.test(.completed, .move, .completed, hop: 4, job: id, path: "a.flac"))
            #expect(try await gateway.job(id).summary.state == .completed)
            #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyProcessed)
        }
    }

    @Test func `An ended or unknown job cannot be cancelled`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            let answer = try await client.send("DELETE", "/api/v1/downloads/\(id)")
            #expect(answer.status == 200)
            #expect(answer.json == ["status": "cancelled", "download_id": .string(id.text)])
            let again = try await client.send("DELETE", "/api/v1/downloads/\(id)")
            #expect(again.status == 409 && again.json["error"]?["code"] == "CONFLICT")
            #expect(try await client.send("DELETE", "/api/v1/downloads/\(JobID())").status == 404)
            #expect(try await client.send("DELETE", "/api/v1/downloads/..%2Fx").status == 404)
        }
    }

    @Test func `A restarted job has a new generation, which events of the old one do not end`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            let path = "/api/v1/downloads/\(id)"
            #expect(try await client.post(path + "/retry", "").status == 409)
            #expect(try await client.send("DELETE", path).status == 200)
            let answer = try await client.post(path + "/retry", "")
            #expect(answer.status == 202 && answer.json["status"] == "queued")
            #expect(!gateway.cancelled.isCancelled(id, requeues: 1))
            try await gateway.apply(.test(.deadLettered, .tag, .deadLetter, hop: 9, job: id))
            #expect(try await gateway.job(id).summary.state == .queued)
            #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyEnqueued)
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(10))
            let job = try #require(entries.last { $0.route.type == MessageType.job })
            #expect(job.route.headers[MessageHeader.requeues] == .integer(1))

            try await gateway.apply(.test(.started, .match, .matching, hop: 1, requeues: 1, job: id))
            #expect(try await client.send("DELETE", path).status == 200)
            #expect(gateway.cancelled.isCancelled(id, requeues: 1) && !gateway.cancelled.isCancelled(id, requeues: 2))
        }
    }

    @Test func `A cancelled job cannot be restarted after its track was submitted again`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            #expect(try await client.send("DELETE", "/api/v1/downloads/\(id)").status == 200)
            let other = try await gateway.submit(title: "Sinnerman").jobID
            let answer = try await client.post("/api/v1/downloads/\(id)/retry", "")
            #expect(answer.status == 409)
            #expect(answer.json["error"]?["message"]?.stringValue?.contains(other.text) == true)
        }
    }

    @Test func `A dead letter is sent back over the dead letters' own API`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.deadLettered, .match, .deadLetter, hop: 0, job: id))
            let answer = try await client.post("/api/v1/downloads/\(id)/retry", "")
            #expect(answer.status == 409)
            #expect(answer.json["error"]?["message"]?.stringValue?.contains("/api/v1/dlq/requeue") == true)
        }
    }
}

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct GatewayCancelBrokerTests {
    @Test func `A job whose gateway died after the database had the order is noted as cancelled by the next`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    let body = Data(#"{"items":[{"artist":"A","title":"T"}]}"#.utf8)
                    let wake = WakeSignal()
                    let intake = Intake(process.store, limits: AdmissionLimits(), outbox: wake, worker: "test")
                    let id = try #require(try await intake.submit(body).response.items.first?.jobID)
                    // What a process that dies before its answer leaves: the database alone.
                    _ = try await process.store.cancel(id, by: "tester", worker: "test")
                    let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
                    try await eventually("the job is noted") { cancelled.isCancelled(id, requeues: 0) }
                    let order = try await eventually("everybody can see the order") {
                        try await vhost.peek(QueueName.control(.download)).first
                    }
                    #expect(order.properties["type"] == .string(MessageType.control))
                    try await process.eventually(id, is: .cancelled)
                }
            }
        }
    }
}
