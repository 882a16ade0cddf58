import Contracts
import Foundation
import TestSupport
import Testing

/// The permissions that the documentation names.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PermissionTests {
    @Test func `the documented permissions of a broker user suffice for all services`() async throws {
        let permissions = try Self.documented()
        #expect(permissions.keys.sorted() == ["configure", "read", "write"])
        try await TestBroker.shared().withVhost { vhost in
            try await withUser(permissions, vhost) { url in
                try await ServiceStack.run(brokerURL: url) { stack in
                    let collection = try Collection(count: 2, in: stack.source)
                    try await stack.start()
                    try await stack.waitUntilReady()
                    var items = collection.submission.items
                    items.append(SubmissionItem(track: Track(artist: "Nobody", title: "Of that name")))
                    let states = try await stack.waitForEnd(of: stack.submit(Submission(items: items)))
                    #expect(states == ["completed", "completed", "dead_letter"])
                    for service in ServiceName.allCases {
                        let log = try String(
                            contentsOf: stack.folder.file("logs/\(service.rawValue).log"), encoding: .utf8)
                        #expect(!log.contains("ACCESS_REFUSED"), "\(service)")
                    }
                }
            }
        }
    }

    /// The patterns of `docs/operations/queues.md`, by permission.
    private static func documented() throws -> [String: JSONValue] {
        let text = try String(contentsOfFile: PackageRoot.path("docs/operations/queues.md"), encoding: .utf8)
        let rows = text.matches(of: /(?m)^\| (configure|write|read) \| `(.+)` \|$/)
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (String(row.1), .string(String(row.2).replacing("\\|", with: "|")))
            })
    }

    /// Creates a user with permissions, and removes it at the end.
    private func withUser(
        _ permissions: [String: JSONValue], _ vhost: TestVhost, _ test: (String) async throws -> Void
    ) async throws {
        let user = "hdm-\(UUID().uuidString.lowercased())"
        let management = vhost.management
        _ = try await management.request(
            "PUT", ["users", user], body: ["password": .string(user), "tags": ""] as JSONValue)
        do {
            _ = try await management.request("PUT", ["permissions", vhost.name, user], body: .object(permissions))
            var address = try #require(URLComponents(string: vhost.url))
            (address.user, address.password) = (user, user)
            try await test(try #require(address.string))
        } catch {
            _ = try await management.requestIfPresent("DELETE", ["users", user])
            throw error
        }
        _ = try await management.request("DELETE", ["users", user])
    }
}
