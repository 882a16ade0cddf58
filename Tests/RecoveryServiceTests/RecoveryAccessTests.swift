import Contracts
import TestSupport
import Testing

struct RecoveryAccessTests {
    @Test(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
    func `Dead letters are listed, requeued and purged only with the service key`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 1...2 { try await fixture.deadLetter(number) }
            let calls: [(String, String, JSONValue?)] = [
                ("GET", "/api/v1/dlq", nil), ("GET", "/api/v1/dlq/stats", nil),
                ("POST", "/api/v1/dlq/requeue", ["ids": ["m-1"]]), ("POST", "/api/v1/dlq/purge", ["ids": ["m-2"]]),
            ]
            for (method, path, body) in calls {
                for key in [nil, "another-services-key"] {
                    let reply = try await fixture.send(method, path, body, key: key)
                    #expect(reply.status == 401 && reply.code == "AUTH_REQUIRED", "\(method) \(path)")
                }
                #expect(try await fixture.send(method, path, body).status == 200, "\(method) \(path)")
            }
            #expect(try await fixture.send("GET", "/ready", nil, key: nil).status == 200)
        }
    }
}
