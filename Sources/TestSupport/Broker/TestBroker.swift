import Contracts
import Foundation

/// The RabbitMQ that the tests of one run share. `compose/test` starts it. Each test uses its own virtual host.
///
/// A suite that needs it has the trait `.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)")`. Without a
/// broker the suite is skipped. If `CI` is set, it runs and fails with the error of ``shared()``.
public struct TestBroker: Sendable {
    public let management: BrokerManagement
    /// `amqp://user:password@host:port`, without a virtual host.
    private let address: String

    /// This test run has no broker.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether tests with a broker run: if there is a broker, and always in CI.
    public static var isExpected: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment[amqpKey] != nil || environment["CI"].map { !$0.isEmpty && $0 != "false" } ?? false
    }

    /// Why a suite is skipped, and how to run it.
    public static let setupHint = "\(amqpKey) is not set; run compose/test, which starts a RabbitMQ of its own"

    /// The broker named by `HDM_TEST_AMQP_URL` and `HDM_TEST_MANAGEMENT_URL`.
    /// - Throws: ``Missing`` if one of them is not set.
    public static func shared() throws -> TestBroker {
        try TestBroker(environment: ProcessInfo.processInfo.environment)
    }

    init(environment: [String: String]) throws {
        guard let amqp = environment[Self.amqpKey] else { throw Missing(description: Self.setupHint) }
        guard let management = environment[Self.managementKey] else {
            throw Missing(description: "\(Self.managementKey) is not set; set it together with \(Self.amqpKey)")
        }
        try self.init(amqpURL: amqp, managementURL: management)
    }

    init(amqpURL: String, managementURL: String) throws {
        guard let url = URLComponents(string: amqpURL), let host = url.host else {
            throw Missing(description: "\(Self.amqpKey) is not an AMQP URL; use amqp://user:password@host:port")
        }
        let user = url.user ?? "guest"
        let password = url.password ?? "guest"
        address = "amqp://\(user):\(password)@\(host):\(url.port ?? 5672)"
        management = BrokerManagement(address: managementURL, user: user, password: password)
    }

    /// Creates a virtual host for a test and deletes it afterwards with its connections, also after an error.
    public func withVhost<Result>(_ test: (TestVhost) async throws -> Result) async throws -> Result {
        let vhost = try await createVhost()
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

    private func createVhost() async throws -> TestVhost {
        let name = "hdm-test-" + UUID().uuidString.prefix(13).lowercased()
        try await management.request("PUT", ["vhosts", name])
        let all: JSONValue = ["configure": ".*", "write": ".*", "read": ".*"]
        try await management.request("PUT", ["permissions", name, management.user], body: all)
        return TestVhost(name: name, url: "\(address)/\(name)", management: management)
    }

    /// Deletes a virtual host, in a task of its own so that it also runs in a cancelled test.
    private func delete(_ vhost: TestVhost) async throws {
        _ = try await Task { try await management.requestIfPresent("DELETE", ["vhosts", vhost.name]) }.value
    }

    static let amqpKey = "HDM_TEST_AMQP_URL"
    static let managementKey = "HDM_TEST_MANAGEMENT_URL"
}

/// Runs a test in a virtual host of the shared broker; see ``TestBroker/withVhost(_:)``.
/// - Throws: ``TestBroker/Missing`` without a broker, or the error of `test`.
public func withVhost<Result>(_ test: (TestVhost) async throws -> Result) async throws -> Result {
    try await TestBroker.shared().withVhost(test)
}
