import Contracts
import Foundation
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayAdmissionTests {
    /// A submission and the place that is wrong in it.
    static let violations: [(String, String)] = [
        (#"{}"#, "/items"),
        (#"{"items":[]}"#, "/items"),
        (#"{"items":{}}"#, "/items"),
        (#"{"items":[{"artist":"A","title":"T"},{"artist":"A"}]}"#, "/items/1/title"),
        (#"{"items":[{"artist":" ","title":"T"}]}"#, "/items/0/artist"),
        (#"{"items":[{"artist":"A","title":5}]}"#, "/items/0/title"),
        (#"{"items":[{"artist":"A","title":"T","priority":10}]}"#, "/items/0/priority"),
        (#"{"items":[{"artist":"A","title":"T","duration_seconds":-1}]}"#, "/items/0/duration_seconds"),
        (#"{"items":[{"artist":"A","title":"T"}],"kind":"odd"}"#, "/kind"),
        (#"{"items":[{"artist":"A","title":"T"}],"batch_id":"../etc"}"#, "/batch_id"),
        (#"{"items":[{"artist":"A","title":"T"}],"expires_at":"tomorrow"}"#, "/expires_at"),
        (#"{"items":[{"artist":"A","title":"T"}],"schema":"hdm.submission/9"}"#, "/schema"),
        (
            #"{"items":[{"artist":"A","title":"T"}],"requested_by":"\#(String(repeating: "x", count: 257))"}"#,
            "/requested_by"
        ),
        (
            #"{"items":[{"artist":"A","title":"T","dedupe_key":"\#(String(repeating: "x", count: 1025))"}]}"#,
            "/items/0/dedupe_key"
        ),
        (#"[]"#, ""), (#""text""#, ""), (#"{"items":"#, ""), ("", ""), ("\u{FEFF}nonsense", ""),
    ]

    @Test(arguments: violations)
    func `A submission that breaks the contract is refused whole, with the place named`(
        _ json: String, _ path: String
    ) async throws {
        try await GatewayFixture.run { gateway in
            let error = await #expect(throws: IntakeError.self) { try await gateway.submit(json) }
            guard case .invalid(let violation)? = error else {
                Issue.record("another error: \(String(describing: error))")
                return
            }
            #expect(violation.path == path)
            let jobs = try await gateway.store.jobs(JobFilter())
            #expect(jobs.total == 0)
            #expect(try await gateway.store.outboxDepth() == 0)
        }
    }

    @Test func `Bytes that are no UTF-8 are refused`() async throws {
        try await GatewayFixture.run { gateway in
            let body = Data(#"{"items":[{"artist":"A"#.utf8) + [0xFF, 0xC3] + Data(#"","title":"T"}]}"#.utf8)
            await #expect(throws: IntakeError.self) { try await gateway.intake.submit(body) }
            let jobs = try await gateway.store.jobs(JobFilter())
            #expect(jobs.total == 0)
        }
    }

    @Test func `More items than a batch may have are refused`() async throws {
        var limits = AdmissionLimits()
        limits.maxItems = 2
        try await GatewayFixture.run(limits: limits) { gateway in
            func submission(_ count: Int) -> String {
                let items = (0..<count).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
                return "{\"items\":[\(items)]}"
            }
            #expect(try await gateway.submit(submission(2)).itemsTotal == 2)
            let error = await #expect(throws: IntakeError.self) { try await gateway.submit(submission(3)) }
            guard case .invalid(let violation)? = error else { throw NotThere() }
            #expect(violation.path == "/items")
        }
    }

    @Test func `An item keeps its own priority; the priorities of the others decrease with their index`() throws {
        var items = (0..<1200).map { SubmissionItem(track: Track(artist: "A", title: "\($0)")) }
        items[1100].priority = 9
        var submission = Submission(items: items)
        submission.kind = .backfill
        let jobs = try Admission(submission, limits: AdmissionLimits(), at: .now).items.map(\.job.priority)
        #expect(Set(jobs[..<50]) == [2])
        #expect(Set(jobs[50..<500]) == [1])
        #expect(Set(jobs[500..<1100]) == [0])
        #expect(jobs[1100] == 9)
        submission.priority = 1
        let low = try Admission(submission, limits: AdmissionLimits(), at: .now).items.map(\.job.priority)
        #expect(low[0] == 1)
        #expect(low[600] == 0)
    }

    @Test func `A job has what the submission and the item say; the item wins`() throws {
        let json = #"""
            {"batch_id":"b1","requested_by":"alice","kind":"watchlist","force":true,"expires_at":"2030-01-01T00:00:00Z",
             "items":[{"artist":"A","title":"T","requested_by":"bob","force":false,"mood":"blue"},{"artist":"A","title":"U"}]}
            """#
        let submission = try ContractCoding.decode(Submission.self, from: Data(json.utf8))
        let admission = try Admission(submission, limits: AdmissionLimits(), at: .now)
        let jobs = try admission.items.map { try ContractCoding.decode(JobDocument.self, from: $0.body) }
        #expect(jobs.map(\.requestedBy) == ["bob", "alice"])
        #expect(jobs.map(\.force) == [false, true])
        #expect(jobs.map(\.priority) == [4, 4])
        #expect(jobs.allSatisfy { $0.batchID == "b1" && $0.kind == .watchlist })
        #expect(jobs[0].expiresAt == Timestamp("2030-01-01T00:00:00Z"))
        #expect(jobs[0].track.unknown == ["mood": "blue"])
    }

    @Test func `A submission larger than the limit is refused before it is read`() async throws {
        var limits = AdmissionLimits()
        limits.maxBodyBytes = 64
        try await GatewayFixture.run(limits: limits) { gateway in
            let error = await #expect(throws: IntakeError.self) {
                try await gateway.submit(String(repeating: " ", count: 65))
            }
            guard case .tooLarge(64)? = error else { throw NotThere() }
        }
    }

    @Test func `An accepted submission wakes the outbox`() async throws {
        try await GatewayFixture.run { gateway in
            _ = try await gateway.submit(title: "Sinnerman")
            gateway.wake.finish()
            var count = 0
            for await _ in gateway.wake.raised { count += 1 }
            #expect(count == 1)
        }
    }
}
