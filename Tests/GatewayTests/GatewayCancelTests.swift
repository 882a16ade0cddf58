import Contracts
import Foundation
import GRDB
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

    @Test func `The event and the request for the marker are in the outbox`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.jobCommands.cancel(id, by: "tester")
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(10))
            #expect(entries.map(\.route.type) == [MessageType.job, MessageType.event, OutboxRoute.cancelMarker.type])
            #expect(
                entries.map(\.purpose) == [
                    .publish, .publish, .markCancelled(CancelledGeneration(job: id, generation: 0)),
                ])
        }
    }

    @Test func `A cancellation in the outbox of an earlier version writes the marker; its other orders are dropped`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let bodies = [
                #"{"schema":"hdm.control/1","order":"cancel","job_id":"a","requeues":3,"at":"2026-01-31T08:20:00Z"}"#,
                #"{"schema":"hdm.control/1","order":"cancel","job_id":"b","at":"2026-01-31T08:20:00Z"}"#,
                #"{"schema":"hdm.control/1","order":"reprioritise","job_id":"c","priority":9,"at":"2026-01-31T08:20:00Z"}"#,
                #"{"schema":"hdm.control/1","order":"pause","stage":"tag","at":"2026-01-31T22:00:00Z"}"#,
            ]
            try await gateway.store.enqueueAsBefore(bodies)
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(10))
            #expect(
                entries.map(\.purpose) == [
                    .markCancelled(CancelledGeneration(job: try #require(JobID("a")), generation: 3)),
                    .markCancelled(CancelledGeneration(job: try #require(JobID("b")), generation: 0)), .drop, .drop,
                ])
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

    @Test func `A restart begins at the named stage if what was decided before is stored, else earlier`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            var matched = JobEvent.test(.completed, .match, .downloading, hop: 0, job: id)
            matched.sections = [.match: Data(#"{"score":0.9,"components":{},"candidates":[]}"#.utf8)]
            try await gateway.apply(matched)
            let path = "/api/v1/downloads/\(id)"
            #expect(try await client.get(path).json["sections"]?["match"]?["score"] == .number(0.9))
            for (body, from) in [
                (#"{"from":"download"}"#, "download"), (#"{"from":"move"}"#, "download"), ("{}", "match"),
            ] {
                #expect(try await client.send("DELETE", path).status == 200)
                let answer = try await client.post(path + "/retry", body)
                #expect(answer.status == 202 && answer.json["from"] == .string(from))
                #expect(try await gateway.job(id).summary.stage.rawValue == from)
            }
            for number in 1...3 { #expect(try gateway.claims.isStale(id, generation: number - 1)) }
            #expect(try !gateway.claims.isStale(id, generation: 3))
            for body in [#"{"from":"review"}"#, #"{"form":"tag"}"#, "[]", "{"] {
                #expect(try await client.post(path + "/retry", body).status == 400)
            }
        }
    }

    @Test func `A restart takes a later generation when another service has claimed the next one`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            #expect(try await client.send("DELETE", "/api/v1/downloads/\(id)").status == 200)
            #expect(try gateway.claims.claim(1, of: id, claimant: "a requeue"))
            #expect(try await client.post("/api/v1/downloads/\(id)/retry", "").status == 202)
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(10))
            let job = try #require(entries.last { $0.route.type == MessageType.job })
            #expect(job.route.headers[MessageHeader.requeues] == .integer(2))
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
    @Test func `The next gateway marks a job whose gateway died after the database had its cancellation`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    let body = Data(#"{"items":[{"artist":"A","title":"T"}]}"#.utf8)
                    let wake = WakeSignal()
                    let intake = Intake(process.store, limits: AdmissionLimits(), outbox: wake, worker: "test")
                    let id = try #require(try await intake.submit(body).response.items.first?.jobID)
                    // What a process that dies before its response leaves: the database alone.
                    _ = try await process.store.cancel(id, by: "tester", worker: "test")
                    let former = JobID()
                    try await process.store.enqueueAsBefore([
                        #"{"schema":"hdm.control/1","order":"cancel","job_id":"\#(former)","requeues":2}"#
                    ])
                    let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
                    try await eventually("both are marked") {
                        cancelled.isCancelled(id, requeues: 0) && cancelled.isCancelled(former, requeues: 2)
                    }
                    try await eventually("the outbox is empty") { try await process.store.outboxDepth() == 0 }
                    try await process.eventually(id, is: .cancelled)
                    #expect(try await vhost.peek(QueueName.invalid).map(\.routingKey) == [])
                }
            }
        }
    }
}

extension JobStore {
    /// Puts orders into the outbox as the version with `hdm.control` did.
    fileprivate func enqueueAsBefore(_ bodies: [String]) async throws {
        try await writer.write { db in
            for body in bodies {
                try db.execute(
                    sql: """
                        INSERT INTO outbox (
                            message_id, job_id, priority, body, exchange, routing_key, type, headers)
                        VALUES (?, 'x', 5, CAST(? AS BLOB), 'hdm.control', '', 'hdm.control.v1', '{}')
                        """, arguments: [UUID().uuidString, body])
            }
        }
    }
}
