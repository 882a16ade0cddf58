import Contracts
import Foundation
import TestSupport
import Testing

/// The schemas in `contracts/` and the types in `Contracts` agree.
@Suite struct SchemaTests {
    @Test func `every example fits its schema`() async throws {
        let examples = try ContractExample.valid()
        let findings = try await JSONSchemaCheck.findings(in: try examples.map { try $0.instance })
        #expect(findings.count == examples.count && examples.count >= 13)
        for (name, found) in findings { #expect(found.isEmpty, "\(name)") }
    }

    @Test(arguments: try ContractExample.valid().filter { $0.type != nil })
    func `every example is decoded and encoded without loss`(_ example: ContractExample) throws {
        let type = try #require(example.type)
        let document = try ContractCoding.decode(type, from: example.data)
        let written = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(document))
        let original = try ContractCoding.decode(JSONValue.self, from: example.data)
        #expect(Difference.first(from: original, to: written) == nil)
    }

    @Test func `documents that HDM writes fit the schemas`() async throws {
        let job = JobDocument(track: Track(artist: "A", title: "T"))
        var event = JobEvent(.deadLettered, of: job, at: .tag, state: .deadLetter, hop: 3, attempt: 2, worker: "w")
        event.code = .verificationFailed
        let large = try Self.largeEvent(of: job)
        let documents: [(String, any Encodable)] = [
            ("job", job), ("event", event),
            ("submission", Submission(items: [SubmissionItem(track: job.track)])),
            ("progress", ProgressEvent(jobID: job.jobID, stage: .download, done: 1, total: nil)),
            ("event", large),
            (
                "system",
                SystemStatus(
                    service: .tag, instance: "tag-1", startedAt: .now, version: "1", ready: true,
                    checks: [SystemStatus.Check("broker", ok: true)], stage: .tag, concurrency: 2, held: ["q": 1])
            ),
            ("error", ErrorResponse(ContractViolation(path: "/items", problem: "must not be empty"))),
        ]
        let instances = try documents.enumerated().map { index, entry in
            let (schema, document) = entry
            let json = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(document))
            return JSONSchemaCheck.Instance("\(index) \(schema)", schema: "schemas/\(schema).schema.json", json: json)
        }
        for (name, found) in try await JSONSchemaCheck.findings(in: instances) { #expect(found.isEmpty, "\(name)") }
    }

    /// Returns an event with everything that an event can carry.
    private static func largeEvent(of job: JobDocument) throws -> JobEvent {
        var job = job
        var event = JobEvent(.completed, of: job, at: .match, state: .downloading, hop: 0, attempt: 1, worker: "w")
        event.document = try ContractCoding.encode(job)
        let body = try JobBody(ContractCoding.encode(job))
        job.match = MatchSection(score: 1, components: [:], candidates: [])
        job.transfer = TransferSection()
        job.standingTries = 1
        event.sections = try body.replacement(by: job, sections: Set(JobSection.allCases)).changed
        event.began = .now
        event.wait = JobEvent.Wait(.peerQueue, provider: "slskd", peer: "old_crate", place: 7)
        event.omittedSections = [.metadata]
        return event
    }

    @Test func `every invalid example violates its schema at one place`() async throws {
        let places = try ContractExample.places()
        let findings = try await JSONSchemaCheck.findings(in: ContractExample.invalid().map { try $0.instance })
        #expect(Set(findings.keys) == Set(places.keys))
        for (name, found) in findings { #expect(found.map(\.place) == [places[name]], "\(name)") }
    }

    @Test(arguments: try ContractExample.invalid())
    func `every invalid example is refused by its type at that place`(_ example: ContractExample) throws {
        let type = try #require(example.type)
        let violation = try #require(throws: ContractViolation.self) {
            try ContractCoding.decode(type, from: example.data)
        }
        #expect(violation.path == (try ContractExample.places()[example.name]))
        #expect(!violation.problem.isEmpty)
    }

    @Test func `the closed sets of words are the same in the schemas and in the types`() throws {
        let path = PackageRoot.path("contracts/schemas/common.schema.json")
        let schema = try ContractCoding.decode(JSONValue.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        func words(_ name: String) -> [JSONValue]? {
            if case .array(let words)? = schema["$defs"]?[name]?["enum"] { words } else { nil }
        }
        #expect(words("kind") == JobKind.allCases.map { .string($0.rawValue) })
        #expect(words("stage") == Stage.allCases.map { .string($0.rawValue) })
        #expect(words("state") == JobState.allCases.map { .string($0.rawValue) })
        #expect(words("errorCode") == ErrorCode.allCases.map { .string($0.rawValue) })
    }

    @Test func `an optional member may be null`() async throws {
        let members = [
            "batch_id", "kind", "requested_by", "dedupe_key", "priority", "submitted_at", "expires_at", "force",
            "match",
            "download", "tag", "move",
        ]
        var job: [String: JSONValue] = ["schema": "hdm.job/1", "job_id": "a"]
        for member in members { job[member] = .null }
        job["track"] = [
            "artist": "A", "title": "T", "isrc": .null, "artists": .null, "track_number": .null, "explicit": .null,
        ]
        let instance = JSONSchemaCheck.Instance("null", schema: "schemas/job.schema.json", json: .object(job))
        #expect(try await JSONSchemaCheck.findings(in: [instance]) == ["null": []])
        let read = try ContractCoding.decode(JobDocument.self, from: try ContractCoding.encode(instance.json))
        #expect(read.kind == .manual && read.priority == 6 && read.dedupeKey == "a|t|")
    }
}
