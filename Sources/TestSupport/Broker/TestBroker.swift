import Contracts
import Foundation

/// The RabbitMQ that the tests of one run share, started by `compose/test`; each test works in its own virtual host.
///
/// A suite that needs it carries `.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)")`. On a laptop
/// without a broker it is left out; where `CI` is set it runs, and fails by the error of ``shared()``.
public struct TestBroker: Sendable {
    public let management: BrokerManagement
    /// `amqp://user:password@host:port`, without a virtual host.
    private let address: String

    /// No broker was given to this test run.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether tests with a broker are to run: one is given, or this is a CI run, which must not leave them out.
    public static var isExpected: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment[amqpKey] != nil || environment["CI"].map { !$0.isEmpty && $0 != "false" } ?? false
    }

    /// Why a suite is left out, and what to do about it.
    public static let howToGetOne = "\(amqpKey) is not set; run compose/test, which starts a RabbitMQ of its own"

    /// The broker named by `HDM_TEST_AMQP_URL` and `HDM_TEST_MANAGEMENT_URL`.
    /// - Throws: ``Missing`` when one of them is not set.
    public static func shared() throws -> TestBroker {
        try TestBroker(environment: ProcessInfo.processInfo.environment)
    }

    init(environment: [String: String]) throws {
        guard let amqp = environment[Self.amqpKey] else { throw Missing(description: Self.howToGetOne) }
        guard let management = environment[Self.managementKey] else {
            throw Missing(description: "\(Self.managementKey) is not set; it goes with \(Self.amqpKey)")
        }
        try self.init(amqpURL: amqp, managementURL: management)
    }

    init(amqpURL: String, managementURL: String) throws {
        guard let url = URLComponents(string: amqpURL), let host = url.host else {
            throw Missing(description: "\(Self.amqpKey) is no AMQP URL")
        }
        let user = url.user ?? "guest"
        let password = url.password ?? "guest"
        address = "amqp://\(user):\(password)@\(host):\(url.port ?? 5672)"
        management = BrokerManagement(address: managementURL, user: user, password: password)
    }

    /// Runs a test in a new virtual host, which is deleted afterwards in any case, with all its connections.
    public func withVhost<Result>(_ test: (TestVhost) async throws -> Result) async throws -> Result {
        let vhost = try await makeVhost()
        let result: Result
        do {
            result = try await test(vhost)
        } catch {
            try await delete(vhost)
            throw error
        }
        try await delete(vhost)
        return result
    }

    private func makeVhost() async throws -> TestVhost {
        let name = "hdm-test-" + UUID().uuidString.prefix(13).lowercased()
        try await management.request("PUT", ["vhosts", name])
        let all: JSONValue = ["configure": ".*", "write": ".*", "read": ".*"]
        try await management.request("PUT", ["permissions", name, management.user], body: all)
        return TestVhost(name: name, url: "\(address)/\(name)", management: management)
    }

    /// In a task of its own, so that it happens when the test was cancelled, too.
    private func delete(_ vhost: TestVhost) async throws {
        _ = try await Task { try await management.requestIfPresent("DELETE", ["vhosts", vhost.name]) }.value
    }

    static let amqpKey = "HDM_TEST_AMQP_URL"
    static let managementKey = "HDM_TEST_MANAGEMENT_URL"
}

/// Runs a test in a virtual host of the shared broker; see ``TestBroker/withVhost(_:)``.
/// - Throws: ``TestBroker/Missing`` when there is no broker, and what `test` throws.
public func withVhost<Result>(_ test: (TestVhost) async throws -> Result) async throws -> Result {
    try await TestBroker.shared().withVhost(test)
}
