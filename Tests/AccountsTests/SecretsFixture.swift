import Contracts
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Metadata
import ServiceKit
import Synchronization
import Fakes
import TestSupport

@testable import Gateway

/// Gateways with a database of secrets in a folder of their own, a stand-in for Spotify's accounts service, and a clock
/// that tests turn.
struct SecretsFixture: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let accounts: FakeSpotifyAccounts
    let log = LogText()

    static func run(_ test: (SecretsFixture) async throws -> Void) async throws {
        let clock = TestClock()
        try await withTemporaryFolder { folder in
            try await FakeSpotifyAccounts.run(now: { clock.now.date }) { accounts in
                try await test(SecretsFixture(folder: folder, clock: clock, accounts: accounts))
            }
        }
    }

    var databasePath: String { folder.path("secrets.db") }
    var keyFile: SecretKeyFile { SecretKeyFile(folder.path("secrets.key")) }

    /// The environment in which a gateway knows the app at Spotify.
    var app: [String: String] {
        ["SPOTIFY_CLIENT_ID": accounts.app.clientID, "SPOTIFY_ACCOUNTS_URL": accounts.url]
    }

    /// The same with the app's secret, so that it can ask without a user.
    var appWithSecret: [String: String] {
        app.merging(["SPOTIFY_CLIENT_SECRET": accounts.app.clientSecret]) { $1 }
    }

    func database(_ environment: [String: String] = [:]) throws -> SecretDatabase {
        let keys = try SecretKeySource(
            text: Settings(environment: environment).text, stateDir: folder.url, problem: SettingsError.init)
        return try SecretDatabase.open(databasePath, keys: keys) { [clock] in clock.now }
    }

    /// Runs with one more gateway on the same file.
    func withGateway(
        _ environment: [String: String]? = nil, apiKeys: [String] = [],
        _ test: @escaping @Sendable (SecretParts, RouteClient) async throws -> Void
    ) async throws {
        let raw = Settings(environment: environment ?? app)
        let parts = try SecretParts(
            try database(environment ?? app), raw, try SignInSettings(raw, port: 8080), logger: log.logger)
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: log.logger))
        parts.add(to: router, keys: APIKeys(apiKeys))
        let application = Application(router: router, logger: log.logger)
        do {
            try await application.test(.router) { try await test(parts, RouteClient(client: $0)) }
        } catch {
            await parts.close()
            throw error
        }
        await parts.close()
    }

    /// Everything in the database's files, byte by byte.
    func rawBytes() throws -> Data {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasPrefix("secrets.db") }.reduce(into: Data()) {
            $0 += try Data(contentsOf: folder.file($1))
        }
    }
}

/// What was logged.
final class LogText: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        Logger(label: "test") { [self] _ in
            LineLogHandler(service: "gateway", level: .trace, format: .json) { line in
                self.lines.withLock { $0.append(line) }
            }
        }
    }

    func count(_ event: LogEventName) -> Int {
        lines.withLock { $0.count { $0.contains("\"\(event.rawValue)\"") } }
    }
}

extension SecretParts {
    /// Signs in as a user does: opens the page, agrees, and comes back.
    func signIn(at accounts: FakeSpotifyAccounts) async throws {
        let start = try await commands.start()
        let address = try accounts.visit(start.authorizationURL)
        guard let (answer, _) = RedirectResponse.read(address) else { throw NotThere() }
        try await commands.finish(answer)
    }
}

/// A value that closures of a test hand to each other.
final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
