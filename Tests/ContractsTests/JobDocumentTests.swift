import Contracts
import Foundation
import Testing

@Suite struct JobDocumentTests {
    private func read(_ text: String) throws -> JobDocument {
        try ContractCoding.decode(JobDocument.self, from: Data(text.utf8))
    }

    @Test func `a document with only a track gets the defaults`() throws {
        let job = try read(#"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"}}"#)
        #expect(job.kind == .manual && job.priority == 6 && job.dedupeKey == "a|t|")
        #expect(abs(job.submittedAt.date.timeIntervalSinceNow) < 60)
    }

    @Test func `an identifier is sufficient, and resolved metadata has precedence over the submitted track`() throws {
        let text = #"""
            {"schema":"hdm.job/1","job_id":"a","track":{"spotify_id":"4uLU6hMCjMI75M1A2tKUQC"},
             "metadata":{"track":{"artist":"A","title":"T"},"provenance":{"title":"spotify"},
                         "at":"2026-01-31T08:15:31.000Z","mood":"late"}}
            """#
        let job = try read(text)
        #expect(!job.track.isNamed && job.wanted.isNamed && job.wanted.title == "T")
        #expect(job.dedupeKey == "spotify:4uLU6hMCjMI75M1A2tKUQC")
        let written = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(job))
        #expect(written["track"] == ["spotify_id": "4uLU6hMCjMI75M1A2tKUQC"])
        #expect(written["metadata"]?["mood"] == "late")
        let event = JobEvent(.started, of: job, at: .match, state: .matching, hop: 0, attempt: 1, worker: "w")
        #expect(event.artist == "A" && event.title == "T")
        for track in [#"{"artist":"A"}"#, #"{"artist":"A","title":" ","isrc":""}"#, #"{"title":"T","isrc":null}"#] {
            let text = #"{"schema":"hdm.job/1","job_id":"a","track":\#(track)}"#
            #expect(throws: ContractViolation.self) { try read(text) }
        }
    }

    @Test func `a blank dedupe key is ignored`() throws {
        let text = #"{"schema":"hdm.job/1","job_id":"a","dedupe_key":" ","track":{"artist":"A","title":"T"}}"#
        #expect(try read(text).dedupeKey == "a|t|")
    }

    @Test(arguments: [(JobKind.manual, 6), (.watchlist, 4), (.backfill, 2)])
    func `the kind sets the default priority`(_ kind: JobKind, _ priority: Int) throws {
        let text = #"{"schema":"hdm.job/1","job_id":"a","kind":"\#(kind)","track":{"artist":"A","title":"T"}}"#
        #expect(try read(text).priority == priority)
        #expect(JobDocument(kind: kind, track: Track(artist: "A", title: "T")).priority == priority)
    }

    @Test func `unknown members are preserved over many stages`() throws {
        let text = #"""
            {"schema":"hdm.job/1","job_id":"a","x":{"y":[1,2.5,null,"é",9007199254740993]},
             "track":{"artist":"A","title":"T","mood":"late"}}
            """#
        var job = try read(text)
        for _ in 0..<5 {
            job = try ContractCoding.decode(JobDocument.self, from: try ContractCoding.encode(job))
        }
        #expect(job.unknown["x"]?["y"] == [1, 2.5, .null, "é", 9_007_199_254_740_993])
        #expect(job.track.unknown == ["mood": "late"])
    }

    @Test(arguments: ["", "{", "nope", "{} {}", "[1,"])
    func `text that is not JSON is refused as a whole`(_ text: String) {
        let violation = #expect(throws: ContractViolation.self) { try read(text) }
        #expect(violation == ContractViolation(path: "", problem: "is not well-formed JSON"))
    }

    @Test func `a violation contains no text of the document`() {
        let text = #"{"schema":"hdm.job/1","job_id":"s3cret/../","track":{"artist":"A","title":"T"}}"#
        let violation = #expect(throws: ContractViolation.self) { try read(text) }
        #expect(violation.map { !"\($0)".contains("s3cret") } == true)
    }

    @Test func `a message is cut at whole characters to the maximum length`() {
        let error = JobError(.timeout, String(repeating: "ä", count: 600))
        #expect(error.message.utf8.count == 1024 && error.message.allSatisfy { $0 == "ä" })
        #expect("👨‍👩‍👧abc".prefix(utf8: 17).isEmpty && "abc".prefix(utf8: 2) == "ab")
    }

    @Test(arguments: [
        "x-death", "x-first-death-queue", "x-last-death-reason", "x-hdm-dead-reason", "x-hdm-dead-at",
    ])
    func `headers of dead letters are removed by a republish`(_ header: String) {
        #expect(MessageHeader.isDeathRecord(header))
    }

    @Test(arguments: [
        MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues, MessageHeader.traceparent, "mine",
    ])
    func `other headers are preserved by a republish`(_ header: String) {
        #expect(!MessageHeader.isDeathRecord(header))
    }
}

@Suite struct SectionTests {
    @Test func `unknown fields of a section are preserved`() throws {
        var job = JobDocument(track: Track(artist: "A", title: "B"))
        job.match = MatchSection(score: 1, components: [:], candidates: [])
        let written = String(decoding: try ContractCoding.encode(job), as: UTF8.self)
        let extended = written.replacing(#""match":{"#, with: #""match":{"aura":{"hue":3},"#)
        let read = try ContractCoding.decode(JobDocument.self, from: Data(extended.utf8))
        let again = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(read))
        #expect(again["match"]?["aura"]?["hue"] == 3)
        #expect(again["match"]?["score"] == 1)
    }
}
