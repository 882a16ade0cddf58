import Contracts
import Foundation
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct ImportRoutesTests {
    @Test func `The valid entries of a list are submitted, and the response names the skipped ones`() async throws {
        let list = "ppppppppppppppppppppp1"
        let lines =
            "A - T\n\nspotify:playlist:\(list)\na -  t\nhttps://open.spotify.com/playlist/\(list)\nnothing\n"
            + "https://example.com/x\nB - U"
        try await withGatewayRoutes { gateway, client in
            let response = try await client.post(
                "/api/v1/imports/free?requested_by=anna&priority=8", lines, ["Content-Type": "text/plain"])
            #expect(response.status == 207)
            #expect(response.json["ok"] == .bool(true))
            #expect(response.json["accepted"] == ["links": 1, "tracks": 2])
            #expect(response.json["error"]?["code"] == "PARTIAL_SUCCESS")
            guard case .array(let skipped)? = response.json["skipped"] else { throw NotThere() }
            #expect(skipped.map { $0["line"] } == [4, 5, 6, 7])
            #expect(skipped.map { $0["reason"] } == ["duplicate", "duplicate", "invalid", "invalid"])
            #expect(skipped.last?["code"] == "UNSUPPORTED_HOST")
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(0)).filter {
                $0.route.stage == .match
            }
            let jobs = try entries.map { try $0.job() }.sorted { $0.track.artist < $1.track.artist }
            #expect(jobs.map(\.track.artist) == ["A", "B"])
            #expect(jobs.allSatisfy { $0.requestedBy == "anna" && $0.priority == 8 })
        }
    }

    @Test func `JSON is read in the forms of Harmony`() async throws {
        try await withGatewayRoutes { gateway, client in
            let body =
                #"{"playlist_links":["spotify:playlist:\#("ppppppppppppppppppppp1")"],"#
                + #""tracks":["A - T",{"artist":"B","title":"U","isrc":"USTST0000001"}],"batch_hint":"b1"}"#
            let response = try await client.post("/api/v1/imports/free", body, ["Content-Type": "application/json"])
            #expect(response.status == 202)
            #expect(response.json["batch_id"] == "b1")
            #expect(response.json["accepted"] == ["links": 1, "tracks": 2])
            #expect(response.json["error"] == nil)
            let list = try await client.post("/api/v1/imports/free", #"["C - V",{"url":"spotify:saved"}]"#)
            #expect(list.json["accepted"] == ["links": 1, "tracks": 1])
            for wrong in ["{}", "[]", "5", #"{"links":"x"}"#, #"{"tracks":[5]}"#] {
                let response = try await client.post(
                    "/api/v1/imports/free", wrong, ["Content-Type": "application/json"])
                #expect(response.status == 400, "\(wrong)")
            }
        }
    }

    @Test func `A list is read up to its limits; a larger body is refused`() async throws {
        let limits = ["FREE_IMPORT_MAX_LINES": "2", "FREE_IMPORT_MAX_FILE_BYTES": "1024"]
        try await withGatewayRoutes(limits) { _, client in
            let response = try await client.post("/api/v1/imports/free", "A - 1\nA - 2\nA - 3")
            #expect(response.status == 207)
            #expect(response.json["skipped"]?.first?["reason"] == "limit")
            #expect(response.json["limits"]?["max_lines"] == 2)
            let large = String(repeating: "A - T\n", count: 200)
            #expect(try await client.post("/api/v1/imports/free", large).status == 413)
        }
    }
}
