import Contracts
import Fakes
import Foundation
import FoundationNetworking
import TestSupport
import Testing

@Suite("The slskd stand-in: base, auth and readiness")
struct FakeSlskdServerTests {
    @Test("Everything but health wants the key, and a refusal has no body")
    func key() async throws {
        try await withFake { fixture in
            let health = await fixture.get("/health", key: "wrong")
            #expect(health.status == 200)
            #expect(health.text == "Healthy")
            let refused = await fixture.get("/server", key: "wrong")
            #expect(refused.status == 401)
            #expect(refused.body.isEmpty)
            #expect(await fixture.get("/session").status == 200)
        }
    }

    @Test("An unknown path is a bare 404, a wrong verb 405, and a POST without its content type 415")
    func routes() async throws {
        try await withFake { fixture in
            let unknown = await fixture.get("/transfers/enqueue/all/of/it")
            #expect(unknown.status == 404)
            #expect(unknown.body.isEmpty)
            #expect(await fixture.delete("/searches").status == 405)
            #expect(
                await fixture.ask("POST", "/searches", ["searchText": "song"], contentType: "text/plain").status == 415)
        }
    }

    @Test("Under a url base every path has the prefix")
    func urlBase() async throws {
        try await withFake(adjust: { $0.urlBase = "/slskd" }) { fixture in
            #expect(fixture.fake.baseURL.hasSuffix("/slskd"))
            #expect(await fixture.get("/server").status == 200)
            #expect(await fixture.get("/health").status == 200)
        }
    }

    @Test("The server's state is logged in at first, lost with the network, and back by itself")
    func network() async throws {
        try await withFake { fixture in
            let ready = await fixture.get("/server").json
            #expect(ready?["state"]?.stringValue == "Connected, LoggedIn")
            #expect(ready?["isLoggedIn"] == .bool(true))
            fixture.fake.loseNetwork(for: .milliseconds(200))
            let lost = await fixture.get("/server").json
            #expect(lost?["state"]?.stringValue == "Disconnected")
            #expect(lost?["isConnected"] == .bool(false))
            #expect(await fixture.get("/health").status == 200)
            try await eventually { await fixture.get("/server").json?["isLoggedIn"] == .bool(true) }
        }
    }

    @Test("The version is a JSON string, and absent values are left out")
    func version() async throws {
        try await withFake(version: .v0_25) { fixture in
            #expect(await fixture.get("/application/version").json == "0.25.0")
            #expect(await fixture.get("/application").json?["version"]?["current"] == "0.25.0")
            fixture.fake.loseNetwork()
            #expect(await fixture.get("/server").text.contains("null") == false)
            #expect(await fixture.get("/server").json?["ipEndPoint"] == nil)
        }
    }

    @Test("A token of a session is as good as the key")
    func token() async throws {
        try await withFake { fixture in
            #expect(await fixture.post("/session", ["username": "slskd", "password": "wrong"]).status == 401)
            let session = await fixture.post("/session", ["username": "slskd", "password": "slskd"])
            #expect(session.json?["tokenType"] == "Bearer")
        }
    }

    @Test("A user is online or a 404 with a string")
    func users() async throws {
        try await withFake([SlskdPeer("ann"), SlskdPeer("bob", behaviour: .offline)]) { fixture in
            #expect(await fixture.get("/users/ann/status").json?["presence"] == "Online")
            let offline = await fixture.get("/users/bob/status")
            #expect(offline.status == 404)
            #expect(offline.json?.stringValue?.contains("offline") == true)
        }
    }

    @Test("Faults meet the routes and the number of requests that were asked for")
    func faults() async throws {
        try await withFake { fixture in
            fixture.fake.inject(.responds(status: 500), on: [.server], times: 1)
            #expect(await fixture.get("/session").status == 200)
            #expect(await fixture.get("/server").status == 500)
            #expect(await fixture.get("/server").status == 200)
            fixture.fake.inject(.responds(status: 401))
            #expect(await fixture.get("/server").status == 401)
            fixture.fake.clearFaults()
            fixture.fake.inject(.refuses, on: [.server], times: 1)
            #expect(await fixture.get("/server").status == 0)
            #expect(await fixture.get("/server").status == 200)
        }
    }

    @Test("It goes down at once, though clients keep their connections and wait for answers, and comes back")
    func restart() async throws {
        try await withFake { fixture in
            let url = try #require(URL(string: fixture.fake.baseURL + "/health"))
            _ = try await URLSession.shared.data(from: url)
            fixture.fake.inject(.respondsLate(.seconds(60)), on: [.server], times: 1)
            async let waiting = fixture.get("/server")
            try await eventually { fixture.fake.log.requests(to: .server).count == 1 }
            await fixture.fake.stop()
            #expect(await fixture.get("/health").status == 0)
            // The connection was closed. A stop that waited for the response would have sent it.
            #expect(await waiting.status == 0)
            try await fixture.fake.restart()
            #expect(try await URLSession.shared.data(from: url).0 == Data("Healthy".utf8))
        }
    }

    @Test("The log tells how often, how close together and how many at once")
    func log() async throws {
        try await withFake { fixture in
            fixture.fake.inject(.respondsLate(.milliseconds(300)), on: [.server])
            async let one = fixture.get("/server")
            async let two = fixture.get("/server")
            #expect(await [one.status, two.status] == [200, 200])
            let log = fixture.fake.log
            #expect(log.requests(to: .server).count == 2)
            #expect(log.highestConcurrency(.server) == 2)
            #expect(log.highestCount(.server, within: .seconds(1)) == 2)
        }
    }
}
