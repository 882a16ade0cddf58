import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct InternalRoutesTests {
    private static let prefix = "/api/v1/internal"

    private func keyed() throws -> [String: String] { [ServiceKey.header: try testServiceKey().value] }

    @Test(arguments: [
        ("GET", "/unmatched-jobs"), ("GET", "/handover/expansions"), ("POST", "/handover/complete"),
    ])
    func `Internal routes need the service key; an API key is no substitute`(
        _ method: String, _ path: String
    ) async throws {
        try await withGatewayRoutes(["HARMONY_API_KEYS": "first"]) { _, client in
            for headers in [[:], ["X-API-Key": "first"], [ServiceKey.header: "another-key-for-tests-012"]] {
                let response = try await client.send(method, Self.prefix + path, headers)
                #expect(response.status == 401)
                #expect(response.json["error"]?["code"] == "AUTH_REQUIRED")
            }
            let accepted = try await client.send(method, Self.prefix + path, keyed())
            #expect(accepted.status == 200)
        }
    }

    @Test func `Jobs without a match and without identifiers are listed in pages`() async throws {
        try await withGatewayRoutes { gateway, client in
            var ids: [JobID] = []
            for number in 0..<5 {
                let id = try await gateway.submit(title: "\(number)").jobID
                var event = JobEvent.test(
                    .deadLettered, .match, .deadLetter, hop: 0, job: id, key: "nina simone|\(number)|")
                event.code = .noMatch
                try await gateway.apply(event)
                ids.append(id)
            }
            let identified = try await gateway.submit(
                #"{"items":[{"artist":"A","title":"T","isrc":"USTST0000001"},{"artist":"A","title":"running"}]}"#)
            var dead = JobEvent.test(
                .deadLettered, .match, .deadLetter, hop: 0, job: identified.items[0].jobID, key: "USTST0000001")
            dead.code = .noMatch
            try await gateway.apply(dead)

            var found: [String] = []
            var after: JSONValue? = 0
            while let number = after?.integerValue {
                let page = try await client.get(
                    "\(Self.prefix)/unmatched-jobs?after=\(number)&limit=2", keyed()
                ).json
                guard case .array(let items)? = page["items"] else { throw NotThere() }
                found += items.compactMap { $0["job"]?["job_id"]?.stringValue }
                after = page["next"]
            }
            #expect(found == ids.map(\.text))
        }
    }

    @Test func `Damaged documents are left out, and do not end the list`() async throws {
        try await withGatewayRoutes { gateway, client in
            for number in 0..<4 {
                let id = try await gateway.submit(title: "\(number)").jobID
                var event = JobEvent.test(
                    .deadLettered, .match, .deadLetter, hop: 0, job: id, key: "nina simone|\(number)|")
                event.code = .noMatch
                try await gateway.apply(event)
            }
            try await gateway.store.writer.write { db in
                try db.execute(
                    sql: """
                        UPDATE jobs SET document = CAST('{"track":' AS BLOB) WHERE title = '0';
                        UPDATE jobs SET document = CAST('{"track":{}}' AS BLOB) WHERE title = '2';
                        """)
            }
            let prefix = "\(Self.prefix)/unmatched-jobs"
            let first = try await client.get("\(prefix)?limit=2", try keyed())
            #expect(first.status == 200 && first.json["items"]?.first?["job"]?["track"]?["title"] == "1")
            let next = try #require(first.json["next"]?.integerValue)
            let second = try await client.get("\(prefix)?after=\(next)&limit=2", try keyed())
            #expect(second.json["items"]?.first?["job"]?["track"]?["title"] == "3")
        }
    }

    @Test func `Tables that were handed over are delivered; others do not exist`() async throws {
        try await withGatewayRoutes { gateway, client in
            try await gateway.store.writer.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO handover_expansion_seen VALUES ('e', 'k1', 0), ('e', 'k2', 1);
                        INSERT INTO handover_backfill_albums (backfill, album) VALUES (1, 'a');
                        """)
            }
            let first = try await client.get("\(Self.prefix)/handover/expansion_seen?limit=1", keyed())
            let next = try #require(first.json["next"]?.integerValue)
            #expect(first.json["rows"]?.first?["values"] == ["expansion_id": "e", "key": "k1", "pass": 0])
            let second = try await client.get(
                "\(Self.prefix)/handover/expansion_seen?after=\(next)&limit=5", keyed())
            #expect(second.json["rows"]?.first?["values"]?["key"] == "k2")
            #expect(second.json["next"] == nil)
            for table in ["jobs", "handover_expansions", "grdb_migrations"] {
                let missing = try await client.get("\(Self.prefix)/handover/\(table)", keyed())
                #expect(missing.status == 404)
            }
            let completed = try await client.post("\(Self.prefix)/handover/complete", "", keyed())
            #expect(completed.status == 200)
            let after = try await client.get("\(Self.prefix)/handover/backfill_albums", keyed())
            #expect(after.json["rows"] == [])
        }
    }
}
