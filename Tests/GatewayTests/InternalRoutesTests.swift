import Contracts
import Foundation
import GRDB
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
        ("GET", "/active-jobs"),
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

    @Test func `Jobs that have not ended are listed in pages, with where they are`() async throws {
        try await withGatewayRoutes { gateway, client in
            var ids: [JobID] = []
            for number in 0..<5 { ids.append(try await gateway.submit(title: "\(number)").jobID) }
            let key = "nina simone|1|"
            try await gateway.store.remove(try await gateway.store.lease(3, to: "x", for: .seconds(1)))
            try await gateway.apply(
                .test(.deadLettered, .match, .deadLetter, hop: 0, job: ids[1], key: key),
                .test(.requeued, .match, .queued, hop: 1, requeues: 1, job: ids[1], key: key),
                .test(.deadLettered, .match, .deadLetter, hop: 0, job: ids[3], key: "nina simone|3|"))
            var found: [JSONValue] = []
            var after: JSONValue? = 0
            while let number = after?.integerValue {
                let page = try await client.get("\(Self.prefix)/active-jobs?after=\(number)&limit=2", keyed()).json
                guard case .array(let items)? = page["items"] else { throw NotThere() }
                #expect(page["total"] == 4 && page["held"] == 1)
                found += items
                after = page["next"]
            }
            #expect(found.map { $0["job_id"]?.stringValue } == [0, 1, 2, 4].map { ids[$0].text })
            #expect(found.map { $0["generation"] } == [0, 1, 0, 0])
            #expect(found.map { $0["held_by"] } == [nil, nil, nil, "outbox"])
            #expect(found[1]["sequence"] == 2_000_003)
        }
    }

    @Test func `A review that recovery returned to its queue is with a person as soon as it is stored`() async throws {
        try await withGatewayRoutes { gateway, client in
            let item = try await gateway.submit(title: "Sinnerman")
            try await gateway.store.remove(try await gateway.store.lease(1, to: "x", for: .seconds(1)))
            let first = DoubtfulMatch(item.jobID, key: item.dedupeKey)
            let returned = DoubtfulMatch(item.jobID, key: item.dedupeKey, hop: 2, requeues: 1)
            try await gateway.apply(first.event, first.event(.waiting, .waiting, hop: 1))
            try await gateway.apply(returned.event(.requeued, .queued))
            #expect(try await client.get("\(Self.prefix)/active-jobs", keyed()).json["held"] == 0)
            _ = try await gateway.store.openReview(of: returned.job, at: returned.step)
            let page = try await client.get("\(Self.prefix)/active-jobs", keyed()).json
            #expect(page["held"] == 1)
            #expect(page["items"]?.first?["held_by"] == "review")
        }
    }

    @Test func `A job with an open review is in a queue again when a later review was announced`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            try await gateway.store.remove(try await gateway.store.lease(1, to: "x", for: .seconds(1)))
            #expect(try await client.get("\(Self.prefix)/active-jobs", keyed()).json["held"] == 1)
            try await gateway.apply(DoubtfulMatch(match.job.jobID, hop: 2, requeues: 1).event)
            #expect(try await client.get("\(Self.prefix)/active-jobs", keyed()).json["held"] == 0)
        }
    }

    @Test func `Documents that were found in queues are entered once, and hold their keys`() async throws {
        try await withGatewayRoutes { gateway, client in
            let known = try await gateway.submit(title: "Known").jobID
            func item(_ id: String, _ title: String) -> String {
                """
                {"stage":"tag","generation":2,"hop":9,"job":{"schema":"hdm.job/1","job_id":"\(id)","priority":8,
                 "track":{"artist":"Nina Simone","title":"\(title)"}, "x_own":1.10}}
                """
            }
            let items = [item("lost-1", "Lost"), item(known.text, "Known"), item("lost-2", "Known")]
            let body = "{\"items\":[\(items.joined(separator: ","))]}"
            let first = try await client.post("\(Self.prefix)/known-jobs", body, keyed()).json
            #expect(first["added"] == ["lost-1", "lost-2"] && first["known"] == 1)
            #expect(first["conflicts"]?.first?["holder"] == .string(known.text))
            let again = try await client.post("\(Self.prefix)/known-jobs", body, keyed()).json
            #expect(again == ["added": [], "known": 3, "conflicts": []])
            let job = try await gateway.job(try #require(JobID("lost-1")))
            #expect(job.summary.state == .queued && job.summary.stage == .tag && job.summary.priority == 8)
            let stored = try await gateway.store.writer.read { db in
                try Data.fetchOne(db, sql: "SELECT document FROM jobs WHERE job_id = 'lost-1'")
            }
            #expect(String(decoding: try #require(stored), as: UTF8.self).hasSuffix(#""Lost"}, "x_own":1.10}"#))
            #expect(try await gateway.submit(title: "Lost").jobID.text == "lost-1")
            // An event of the step that the message belongs to continues the job.
            try await gateway.apply(
                .test(
                    .completed, .tag, .moving, hop: 9, requeues: 2, job: job.summary.jobID, key: "nina simone|lost|"))
            #expect(try await gateway.job(job.summary.jobID).summary.state == .moving)
            for wrong in ["{}", #"{"items":[{"stage":"tag","job":{"job_id":"a","job_id":"b"}}]}"#] {
                #expect(try await client.post("\(Self.prefix)/known-jobs", wrong, keyed()).status == 400)
            }
            #expect(try await client.post("\(Self.prefix)/known-jobs", body).status == 401)
        }
    }
}
