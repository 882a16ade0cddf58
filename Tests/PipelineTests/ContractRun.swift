import Contracts
import Fakes
import Foundation
import TestSupport

/// The messages, responses and log lines of all services during one run.
struct ContractRun: Sendable {
    /// The messages by exchange. Replies are under ``ContractSpies/replies``, links under the planner's queue.
    let messages: [String: [BrokerMessage]]
    let responses: [ContractResponse]
    let logs: [ServiceName: String]
    let began: Date
    /// The key that the services shared.
    let serviceKey: String

    /// The run whose records all contract tests check. It happens once.
    static let shared = Task { try await perform() }

    static let apiKey = "contract-key-8c1f6f0e"
    /// Must be escaped in an address, so that the tests can search the logs for both forms.
    static let brokerPassword = "S3same/öpen:dich@now"

    /// Runs the scenario with all services, in a virtual host with spies.
    private static func perform() async throws -> ContractRun {
        try await TestBroker.shared().withVhost { vhost in
            let began = Date()
            let spies = try await ContractSpies(in: vhost)
            return try await vhost.withUser(password: brokerPassword) { url in
                try await FakeSpotifyAccounts.run { accounts in
                    let settings = settings.merging(["SPOTIFY_ACCOUNTS_URL": accounts.url]) { $1 }
                    return try await ServiceStack.run(brokerURL: url, settings: settings) { stack in
                        let scenario = try ContractScenario(stack, spies, accounts)
                        try await stack.start()
                        try await stack.waitUntilReady()
                        let links = try await scenario.run()
                        for service in ServiceName.allCases { _ = try await stack.stop(service) }
                        return ContractRun(
                            messages: try await spies.messages().merging([QueueName.planner: links]) { $1 },
                            responses: await scenario.client.responses,
                            logs: try logs(of: stack), began: began, serviceKey: stack.serviceKey ?? "")
                    }
                }
            }
        }
    }

    private static let settings = [
        "HARMONY_API_KEYS": apiKey, "HDM_HTTP_MAX_BODY_BYTES": "8192", "HDM_FOLDER_RECHECK_S": "0",
        "SPOTIFY_REDIRECT_URI": "http://127.0.0.1:8080/callback",
        // No test may reach the real catalogue; the port of `discard` accepts no connections.
        "SPOTIFY_API_URL": "http://127.0.0.1:9", "FREE_IMPORT_MAX_FILE_BYTES": "8192",
    ]

    private static func logs(of stack: ServiceStack) throws -> [ServiceName: String] {
        try ServiceName.allCases.reduce(into: [:]) { $0[$1] = try stack.log(of: $1) }
    }
}

extension TestVhost {
    /// Runs a test with the address of this virtual host for a new user with all permissions.
    fileprivate func withUser<Result>(password: String, _ test: (String) async throws -> Result) async throws -> Result
    {
        let user = "contract-" + UUID().uuidString.prefix(8).lowercased()
        try await management.request("PUT", ["users", user], body: ["password": .string(password), "tags": ""])
        let all: JSONValue = ["configure": ".*", "write": ".*", "read": ".*"]
        try await management.request("PUT", ["permissions", name, user], body: all)
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await test(url.replacing(/\/\/[^@]*@/, with: "//\(user):\(escaped)@")))
        } catch {
            result = .failure(error)
        }
        try await management.request("DELETE", ["users", user])
        return try result.get()
    }
}
