import Contracts
import HTTPClient
import ServiceKit
import Testing

struct ServiceHTTPTests {
    private static let withKey = [ServiceKey.header: ServiceHTTPFixture.key]
    private static let writes: [HTTPMethod] = [.post, .put, .patch, .delete]

    private func code(_ response: HTTPClient.Response) throws -> String? {
        let body = try ContractCoding.decode(JSONValue.self, from: response.body)
        return body["error"]?["code"]?.stringValue
    }

    @Test func `Routes need the service key, reads and writes alike`() async throws {
        try await ServiceHTTPFixture.run { server async throws in
            for method in [HTTPMethod.get] + Self.writes {
                #expect(try await server.status(method, "/api/v1/thing", Self.withKey) == 200)
                for headers in [[:], [ServiceKey.header: ""], [ServiceKey.header: "another-services-key"]] {
                    let response = try await server.send(method, "/api/v1/thing", headers)
                    #expect(response.status == 401)
                    #expect(try code(response) == "AUTH_REQUIRED")
                }
            }
            #expect(try await server.status(.get, "/api/v1/unknown") == 401)
            #expect(try await server.status(.get, "/api/v1/unknown", Self.withKey) == 404)
        }
    }

    @Test func `Liveness, readiness, metrics and open paths need no key`() async throws {
        try await ServiceHTTPFixture.run { server async throws in
            #expect(try await server.status(.get, "/live") == 200)
            #expect(try await server.status(.get, "/ready") == 503)
            #expect(try await server.status(.get, "/metrics") == 200)
            #expect(try await server.status(.get, "/callback?code=1") == 200)
            #expect(try await server.status(.get, "/callback/more") == 401)
        }
    }

    @Test func `A write from a page of another origin is refused even with the key`() async throws {
        try await ServiceHTTPFixture.run { server async throws in
            let origins = [
                "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:\(server.port)",
                "null", "file://", "http://127.0.0.1:\(server.port).evil.example", "http://user@127.0.0.1",
            ]
            for origin in origins {
                for method in Self.writes {
                    let headers = Self.withKey.merging(["Origin": origin]) { $1 }
                    let response = try await server.send(method, "/api/v1/thing", headers)
                    #expect(response.status == 403, "\(method) from \(origin)")
                    #expect(try code(response) == "FORBIDDEN")
                }
            }
        }
    }

    @Test func `A write from the service's own origin and a read from anywhere are accepted`() async throws {
        try await ServiceHTTPFixture.run { server async throws in
            let own = [
                ("http://127.0.0.1:\(server.port)", "127.0.0.1:\(server.port)"), ("http://hdm.local", "hdm.local"),
                ("https://hdm.local", "HDM.local"), ("https://hdm.local", "hdm.local:443"),
                ("http://hdm.local:80", "hdm.local"), ("http://[::1]:9000", "[::1]:9000"), ("http://[::1]", "[::1]"),
            ]
            for (origin, host) in own {
                let headers = Self.withKey.merging(["Origin": origin, "Host": host]) { $1 }
                for method in Self.writes {
                    #expect(try await server.status(method, "/api/v1/thing", headers) == 200, "\(origin), \(host)")
                }
            }
            let foreign = Self.withKey.merging(["Origin": "https://evil.example"]) { $1 }
            #expect(try await server.status(.get, "/api/v1/thing", foreign) == 200)
        }
    }
}
