import Contracts
import Foundation
import TestSupport
import Testing

/// The types in `Contracts/HTTP` read and write the HTTP examples without loss.
@Suite struct HTTPTypeTests {
    private static func type(_ schema: String) -> (any (Codable & Sendable).Type)? {
        switch schema {
        case "LibraryPage": LibraryPage.self
        case "LibraryMetadataRequest": LibraryMetadataRequest.self
        case "DeadLetterPage": DataEnvelope<DeadLetterPage>.self
        case "DeadLetterStats": DataEnvelope<DeadLetterStats>.self
        case "RequeueRequest": RequeueRequest.self
        case "RequeueResponse": DataEnvelope<RequeueResponse>.self
        case "PurgeRequest": PurgeRequest.self
        case "PurgeResponse": DataEnvelope<PurgeResponse>.self
        default: nil
        }
    }

    @Test func `every example is decoded and encoded without loss`() throws {
        let examples = try ContractExample.all(in: "contracts/examples/http").filter { Self.type($0.schema) != nil }
        #expect(examples.count >= 8)
        for example in examples {
            guard let type = Self.type(example.schema) else { continue }
            let document = try ContractCoding.decode(type, from: example.data)
            var written = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(document))
            let original = try ContractCoding.decode(JSONValue.self, from: example.data)
            // An age such as `7d` is written as the time that it stands for.
            if case .object(var members) = written, members["older_than"] != nil {
                members["older_than"] = original["older_than"]
                written = .object(members)
            }
            #expect(Difference.first(from: original, to: written) == nil, "\(example.name)")
        }
    }

    @Test func `an age is a time before now`() throws {
        let now = try #require(Timestamp("2026-01-31T08:00:00Z"))
        #expect(PurgeRequest.time(before: "7d", now: now) == Timestamp("2026-01-24T08:00:00Z"))
        #expect(PurgeRequest.time(before: "90s", now: now) == Timestamp("2026-01-31T07:58:30Z"))
        #expect(PurgeRequest.time(before: "soon", now: now) == nil)
    }
}
