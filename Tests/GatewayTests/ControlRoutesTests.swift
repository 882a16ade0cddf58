import Contracts
import ServiceKit
import TestSupport
import Testing

@testable import Gateway

@Suite("Control routes")
struct ControlRoutesTests {
    private static let path = "/api/v1/control"

    @Test func `pause and resume a stage by its marker, and say who did it`() async throws {
        try await withGatewayRoutes(["HARMONY_API_KEYS": "first"]) { gateway, client in
            let key = ["X-API-Key": "first"]
            #expect(try await client.get(Self.path, key).json == ["paused": []])
            let paused = try await client.post("\(Self.path)/download/pause", "", key)
            #expect(paused.status == 200)
            #expect(paused.json == ["status": "paused", "stage": "download", "changed": true])
            let marker = try #require(try gateway.pauses.markers()?.first)
            #expect(marker.scope == .service(.download) && marker.command == nil)
            let shown = try await client.get(Self.path, key).json["paused"]?.first
            #expect(shown?["stage"] == "download" && shown?["by"] == .string(marker.by))
            #expect(shown?["at"]?.stringValue != nil)

            #expect(try await client.post("\(Self.path)/download/pause", "", key).json["changed"] == false)
            #expect(try gateway.pauses.markers() == [marker])
            let resumed = try await client.post("\(Self.path)/download/resume", "", key)
            #expect(resumed.json == ["status": "resumed", "stage": "download", "changed": true])
            #expect(try await client.post("\(Self.path)/download/resume", "", key).json["changed"] == false)
            #expect(try gateway.pauses.markers() == [])
            #expect(try await client.post("\(Self.path)/download/pause", "").status == 401)
        }
    }

    @Test func `pause everything, beside the pause of a command`() async throws {
        try await withGatewayRoutes { gateway, client in
            try gateway.pauses.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
            #expect(try await client.post("\(Self.path)/all/pause", "").json["changed"] == true)
            #expect(try gateway.pauses.markers()?.map(\.command) == [nil, "upgrade"])
            #expect(try await client.post("\(Self.path)/all/resume", "").json["changed"] == true)
            #expect(try gateway.pauses.markers()?.map(\.command) == ["upgrade"])
            let shown = try await client.get(Self.path).json["paused"]?.first
            #expect(shown?["stage"] == "all" && shown?["command"] == "upgrade")
        }
    }

    @Test(arguments: ["rip", "ALL", "all.upgrade", "..%2Fx"])
    func `refuse an unknown stage`(_ stage: String) async throws {
        try await withGatewayRoutes { gateway, client in
            for verb in ["pause", "resume"] {
                let response = try await client.post("\(Self.path)/\(stage)/\(verb)", "")
                #expect(response.status == 404 && response.json["error"]?["code"] == "NOT_FOUND")
            }
            #expect(try gateway.pauses.markers()?.isEmpty ?? true)
        }
    }
}
