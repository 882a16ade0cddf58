import Contracts
import Foundation
import Testing

@Suite struct JobEventBodyTests {
    private static let section = #"{ "score" : 0.50, "x":1e400, "\u0079":12345678901234567890 }"#
    private static let document = #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"}, "x":-1e999}"#

    private func event() -> JobEvent {
        JobEvent(
            .completed, of: JobDocument(track: Track(artist: "A", title: "T")), at: .match, state: .downloading, hop: 0,
            attempt: 1, worker: "w")
    }

    private func data(_ text: String) -> Data { Data(text.utf8) }

    @Test func `sections and document leave and arrive byte for byte`() throws {
        var event = event()
        event.data = ["score": 0.5]
        event.sections = [.match: data(Self.section), .standingTries: data("3"), .metadata: data("{}")]
        event.document = data(Self.document)
        event.began = Timestamp("2026-01-31T08:15:30.250Z")
        let body = try ContractCoding.encode(event)
        #expect(try ContractCoding.decode(JobEvent.self, from: body) == event)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""sections":{"metadata":{},"match":\#(Self.section),"standing_tries":3}"#))
        #expect(text.contains(#""document":\#(Self.document)}"#))
        #expect(text.contains(#""data":{"began":"2026-01-31T08:15:30.250Z","score":0.5,"sections""#))
    }

    @Test func `an event without data carries its parts as its only data`() throws {
        var event = event()
        event.document = data("\u{FEFF} \n\(Self.document)\n")
        let read = try JobEvent(event.encoded())
        #expect(read.document == data(Self.document) && read.data == [:] && read.sections.isEmpty)
        event.document = nil
        #expect(try JobEvent(event.encoded()) == event && event.data == nil)
    }

    @Test func `data that every service reads is set and read as a type`() throws {
        var event = event()
        #expect(event.wait == nil && event.began == nil && event.omittedSections.isEmpty)
        event.wait = JobEvent.Wait(.transferLimit, provider: "slskd", peer: "old_crate", place: 7, limit: 2)
        event.omittedSections = [.match]
        #expect(
            event.data == [
                "sections_omitted": ["match"],
                "wait": [
                    "reason": "transfer_limit", "provider": "slskd", "peer": "old_crate", "place": 7, "limit": 2,
                ],
            ])
        #expect(try JobEvent(event.encoded()) == event)
        event.wait = nil
        event.omittedSections = []
        #expect(event.data == nil)
        event.data = ["wait": ["reason": "later"], "sections_omitted": ["later", "tag"], "began": 7]
        #expect(event.wait?.reason.rawValue == "later" && event.omittedSections == [.tag] && event.began == nil)
    }

    @Test func `a section above its limit is left out and named`() throws {
        var event = event()
        event.sections = [
            .match: data("\"\(String(repeating: "x", count: JobEvent.largestSection - 1))\""), .transfer: data("{}"),
            .tag: data("\"\(String(repeating: "x", count: JobEvent.largestSection - 2))\""),
        ]
        let read = try JobEvent(event.encoded())
        #expect(Set(read.sections.keys) == [.transfer, .tag] && read.omittedSections == [.match])
    }

    @Test func `an event with all that a job may have is below the limit and keeps the document`() throws {
        var event = event()
        let text = String(repeating: "x", count: JobEvent.largestSection - 2)
        for section in JobSection.allCases { event.sections[section] = data("\"\(text)\"") }
        event.document = data("\"\(String(repeating: "x", count: JobDocument.largestBody - 2))\"")
        var read = try JobEvent(event.encoded())
        #expect(read.document == event.document && read.sections.count == 3 && read.omittedSections.count == 5)
        event.data = ["match": .string(String(repeating: "x", count: JobEvent.largestBody))]
        read = try JobEvent(event.encoded())
        #expect(read.document == event.document && read.sections.isEmpty && read.omittedSections.count == 8)
        event.dedupeKey = String(repeating: "x", count: JobDocument.largestBody)
        read = try JobEvent(event.encoded())
        #expect(read.document == nil && read.dedupeKey == event.dedupeKey)
    }

    @Test func `a document with the most levels that a job may have fits into an event`() throws {
        var event = event()
        let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        event.document = data("{\"x\":\(deep)}")
        #expect(try JobEvent(event.encoded()).document == event.document)
        event.document = data("{\"x\":[\(deep)]}")
        #expect(throws: ContractViolation.self) { try event.encoded() }
    }

    @Test func `parts that are not JSON are not published`() {
        var event = event()
        event.sections = [.match: data("{}}")]
        #expect(throws: ContractViolation.self) { try event.encoded() }
    }

    @Test func `other coders preserve the meaning of the parts`() throws {
        var event = event()
        event.sections = [.match: data(#"{"score":0.50}"#)]
        event.document = data(#"{"job_id":"a"}"#)
        let read = try JSONDecoder().decode(JobEvent.self, from: JSONEncoder().encode(event))
        #expect(read.sections == [.match: data(#"{"score":0.5}"#)] && read.document == event.document)
    }

    @Test(arguments: [
        (#""sequence":0,"sequence":1"#, "/sequence"), (#""data":{"wait":1,"\u0077ait":2}"#, "/data/wait"),
        (#""sequence":9223372036854775807"#, "/sequence"), (#""sequence":-1"#, "/sequence"),
        (#""attempt":0"#, "/attempt"), (#""attempt":1000001"#, "/attempt"),
        (#""data":{"sections":[]}"#, "/data/sections"), (#""schema":"hdm.event/2""#, "/schema"),
    ])
    func `an event that cannot be read in one way is refused at its place`(_ member: String, _ path: String) throws {
        var members: [String] = [
            #""schema":"hdm.event/1""#, #""event_id":"e""#, #""event":"job.tag.started""#, #""job_id":"a""#,
            #""kind":"manual""#, #""stage":"tag""#, #""state":"tagging""#, #""sequence":0"#, #""attempt":1"#,
            #""at":"2026-01-31T08:15:30.250Z""#, #""worker":"w""#, #""dedupe_key":"k""#, #""artist":"A""#,
            #""title":"T""#,
        ]
        _ = try JobEvent(data("{\(members.joined(separator: ","))}"))
        let name = member.prefix { $0 != ":" }
        members.removeAll { $0.hasPrefix(name) }
        let violation = #expect(throws: ContractViolation.self) {
            try JobEvent(data("{\((members + [member]).joined(separator: ","))}"))
        }
        #expect(violation?.path == path)
    }

    @Test func `the sequence of any hop and generation stays in its generation`() throws {
        let job = JobDocument(track: Track(artist: "A", title: "T"))
        for number in [0, 1, JobEvent.lastHop, Int.max, -1, Int.min] {
            let event = JobEvent(
                .completed, of: job, at: .move, state: .completed, hop: number, requeues: number, attempt: 1,
                worker: "w")
            let generation = min(max(number, 0), JobEvent.lastGeneration)
            #expect(JobEvent.requeues(ofSequence: event.sequence) == generation)
            #expect(try JobEvent(event.encoded()).sequence == event.sequence)
        }
    }
}
