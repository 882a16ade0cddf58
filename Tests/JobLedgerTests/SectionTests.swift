import Contracts
import Foundation
import TestSupport
import Testing

@testable import JobLedger

@Suite("Sections of a job")
struct SectionTests {
    private static let match = Data(
        #"{"score":0.90,"components":{},"candidates":[],"outcome":"accept","x_other":1.50}"#.utf8)
    private static let download = Data(#"{"source":"slskd","path":"jobs/x/a.flac","size":5,"x_other":[1]}"#.utf8)
    private static let tagged = Data(#"{"path":"jobs/x/b.flac","codec":"flac","duration_ms":1,"verification":{}}"#.utf8)

    private static func completed(
        _ stage: Stage, _ state: JobState, hop: Int, requeues: Int = 0, _ job: JobID, _ sections: [JobSection: Data]
    ) -> JobEvent {
        var event = JobEvent.test(
            .completed, stage, state, hop: hop, requeues: requeues, job: job, key: "nina simone|sinnerman|")
        event.sections = sections
        return event
    }

    /// A cancelled job that had been matched, downloaded and tagged.
    private static func ended(_ ledger: LedgerFixture) async throws -> JobID {
        let job = try await ledger.submit(title: "Sinnerman").jobID
        try await ledger.apply(
            completed(.match, .downloading, hop: 0, job, [.match: match]),
            completed(.download, .tagging, hop: 1, job, [.download: download]),
            completed(.tag, .moving, hop: 2, job, [.tag: tagged]))
        _ = try await ledger.store.cancel(job, by: "bob", worker: "test")
        return job
    }

    private static func restart(
        _ job: JobID, from stage: Stage, _ ledger: LedgerFixture
    ) async throws -> (stage: Stage, body: JobBody, key: String) {
        let stage = try await ledger.store.restart(job, from: stage, by: "bob", worker: "test") { $0 + 1 }
        let entries = try await ledger.store.lease(100, to: "test", for: .seconds(0))
        guard let entry = entries.last(where: { $0.route.type == MessageType.job }) else { throw NotThere() }
        return (stage, try JobBody(entry.body), entry.route.key)
    }

    @Test(arguments: Stage.allCases)
    func `are taken over by a restart from any stage, byte for byte`(_ stage: Stage) async throws {
        try await LedgerFixture.run { ledger in
            let job = try await Self.ended(ledger)
            let restarted = try await Self.restart(job, from: stage, ledger)
            #expect(restarted.stage == stage)
            #expect(restarted.key == RoutingKey.job(stage, priority: restarted.body.document.priority))
            let expected = [
                (JobSection.match, Self.match, Stage.match), (.download, Self.download, .download),
                (.tag, Self.tagged, .tag),
            ]
            for (section, bytes, owner) in expected {
                #expect(restarted.body.bytes(of: section) == (owner < stage ? bytes : nil))
            }
            let detail = try await ledger.job(job)
            #expect(detail.summary.state == .queued && detail.summary.stage == stage)
        }
    }

    @Test func `that are older than those of the stage before are not used`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await Self.ended(ledger)
            _ = try await ledger.store.restart(job, by: "bob", worker: "test") { $0 + 1 }
            try await ledger.apply(
                Self.completed(.match, .downloading, hop: 1, requeues: 1, job, [.match: Self.match]))
            _ = try await ledger.store.cancel(job, by: "bob", worker: "test")
            let restarted = try await Self.restart(job, from: .move, ledger)
            #expect(restarted.stage == .download && restarted.body.bytes(of: .download) == nil)
            #expect(restarted.body.bytes(of: .match) == Self.match)
        }
    }

    @Test func `that were left out of the event make a restart begin earlier`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            try await ledger.apply(
                Self.completed(.match, .downloading, hop: 0, job, [.match: Self.match]),
                Self.completed(.download, .tagging, hop: 1, job, [:]))
            _ = try await ledger.store.cancel(job, by: "bob", worker: "test")
            #expect(try await Self.restart(job, from: .tag, ledger).stage == .download)
        }
    }

    @Test func `of a late event do not replace later ones, nor do sections of other stages`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            try await ledger.apply(
                Self.completed(.download, .tagging, hop: 4, job, [.download: Self.download, .tag: Self.tagged]),
                Self.completed(.download, .tagging, hop: 1, job, [.download: Self.tagged]))
            #expect(try await ledger.job(job).sections == ["download": try JSONValue(Self.download)])
        }
    }

    @Test func `are shown, and not stored in the timeline`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await Self.ended(ledger)
            let detail = try await ledger.job(job)
            #expect(
                detail.sections == [
                    "match": try JSONValue(Self.match), "download": try JSONValue(Self.download),
                    "tag": try JSONValue(Self.tagged),
                ])
            #expect(detail.timeline.allSatisfy { $0.data?["sections"] == nil && $0.data?["match"] == nil })
            #expect(try await ledger.store.match(job).record?.decision.score == 0.9)
        }
    }

    @Test func `are deleted 30 days after the end, unless the job was restarted`() async throws {
        try await LedgerFixture.run { ledger in
            let ended = try await Self.ended(ledger)
            ledger.clock.advance(by: .seconds(29 * 86_400))
            try await ledger.apply()
            #expect(try await ledger.job(ended).sections.count == 3)
            _ = try await ledger.store.restart(ended, by: "bob", worker: "test") { $0 + 1 }
            ledger.clock.advance(by: .seconds(2 * 86_400))
            try await ledger.apply()
            #expect(try await ledger.job(ended).sections.count == 3)
            _ = try await ledger.store.cancel(ended, by: "bob", worker: "test")
            ledger.clock.advance(by: .seconds(31 * 86_400))
            try await ledger.apply()
            #expect(try await ledger.job(ended).sections.isEmpty)
        }
    }

    @Test func `and the document of a job of another service let it restart`() async throws {
        try await LedgerFixture.run { ledger in
            let id = try #require(JobID("elsewhere-1"))
            let document = Data(
                """
                {"schema":"hdm.job/1", "job_id":"elsewhere-1","x_theirs":1.10,"priority":9,
                 "track":{"artist":"Nina Simone","title":"Sinnerman"},"match":\(String(decoding: Self.match, as: UTF8.self))}
                """.utf8)
            var first = JobEvent.test(
                .started, .download, .downloading, hop: 0, job: id, key: "nina simone|sinnerman|")
            first.document = document
            try await ledger.apply(first)
            #expect(try await ledger.job(id).summary.priority == 9)
            _ = try await ledger.store.cancel(id, by: "bob", worker: "test")
            let restarted = try await Self.restart(id, from: .download, ledger)
            #expect(restarted.stage == .download && restarted.body.bytes == document)
        }
    }

    @Test func `A job without a document cannot be restarted`() async throws {
        try await LedgerFixture.run { ledger in
            let id = try #require(JobID("elsewhere-1"))
            try await ledger.apply(
                .test(.started, .download, .downloading, hop: 0, job: id, key: "nina simone|sinnerman|"))
            _ = try await ledger.store.cancel(id, by: "bob", worker: "test")
            await #expect(throws: JobOrderError.self) {
                _ = try await ledger.store.restart(id, by: "bob", worker: "test") { $0 + 1 }
            }
        }
    }

    @Test func `A refused restart claims nothing`() async throws {
        try await LedgerFixture.run { ledger in
            let id = try await ledger.submit(title: "Sinnerman").jobID
            await #expect(throws: JobOrderError.self) {
                _ = try await ledger.store.restart(id, by: "bob", worker: "test") { _ in
                    Issue.record("a generation was claimed")
                    return 1
                }
            }
        }
    }
}

extension JSONValue {
    fileprivate init(_ json: Data) throws { self = try ContractCoding.decode(JSONValue.self, from: json) }
}
