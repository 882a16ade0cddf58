import Contracts
import Fakes
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import TestSupport

@testable import Accounts
@testable import ServiceKit

/// A folder for the secrets database and its key, a fake of Spotify's accounts service, and a clock that tests move.
struct SecretsFixture: Sendable {
    let folder: TemporaryFolder
    let clock: FixedClock
    let fake: FakeSpotifyAccounts
    let log = LogText()

    static func run(_ test: (SecretsFixture) async throws -> Void) async throws {
        let clock = FixedClock()
        try await withTemporaryFolder { folder in
            try await FakeSpotifyAccounts.run(now: { clock.now.date }) { fake in
                try await test(SecretsFixture(folder: folder, clock: clock, fake: fake))
            }
        }
    }

    var databasePath: String { folder.path("secrets.db") }
    var keyFile: SecretKeyFile { SecretKeyFile(folder.path("secrets.key")) }

    /// The service key of the routes.
    static let serviceKey = "service-key-of-the-tests"

    /// An environment with the app's id.
    var app: [String: String] {
        ["SPOTIFY_CLIENT_ID": fake.app.clientID, "SPOTIFY_ACCOUNTS_URL": fake.url]
    }

    /// An environment with the app's id and secret.
    var appWithSecret: [String: String] {
        app.merging(["SPOTIFY_CLIENT_SECRET": fake.app.clientSecret]) { $1 }
    }

    func database(_ environment: [String: String] = [:]) throws -> SecretDatabase {
        let keys = try SecretKeySource(
            text: Settings(environment: environment).text, stateDir: folder.url, problem: SettingsError.init)
        return try SecretDatabase.open(databasePath, keys: keys) { [clock] in clock.now }
    }

    /// Runs with the accounts of one more process, which uses the same file.
    func withAccounts(
        _ environment: [String: String]? = nil,
        _ test: @escaping @Sendable (AccountsService, RouteClient) async throws -> Void
    ) async throws {
        let accounts = try accounts(environment ?? app)
        let application = Application(router: try router(accounts), logger: log.logger)
        let result = await Result {
            try await application.test(.router) { try await test(accounts, RouteClient(client: $0)) }
        }
        await accounts.close()
        try result.get()
    }

    func accounts(_ environment: [String: String]) throws -> AccountsService {
        let raw = Settings(environment: environment)
        return try AccountsService(
            try database(environment), raw, try SignInSettings(raw), logger: log.logger)
    }

    /// Returns the router as the planner makes it.
    func router(_ accounts: AccountsService) throws -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: log.logger))
        let key = try ServiceKey(Self.serviceKey, from: "HDM_SERVICE_KEY")
        router.add(middleware: ServiceKeyMiddleware(key, openPaths: accounts.openPaths))
        accounts.addRoutes(to: router)
        return router
    }

    /// Returns the bytes of all files of the database.
    func rawBytes() throws -> Data {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasPrefix("secrets.db") }.reduce(into: Data()) {
            $0 += try Data(contentsOf: folder.file($1))
        }
    }
}

/// A clock that stands still until a test advances it.
final class FixedClock: Sendable {
    private let time = Mutex(Timestamp(Date(timeIntervalSince1970: 1_800_000_000)))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
}

/// The lines of a log.
final class LogText: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        Logger(label: "test") { [self] _ in
            LineLogHandler(service: "planner", level: .trace, format: .json) { line in
                self.lines.withLock { $0.append(line) }
            }
        }
    }

    func count(_ event: LogEventName) -> Int {
        lines.withLock { $0.count { $0.contains("\"\(event.rawValue)\"") } }
    }
}

extension AccountsService {
    /// Signs in as a user does: opens the page, agrees, and returns to the redirect address.
    func completeSignIn(at fake: FakeSpotifyAccounts) async throws {
        let start = try await signIn.start()
        let address = try fake.visit(start.authorizationURL)
        guard let (response, _) = RedirectResponse.read(address) else { throw NotAnAddress() }
        try await signIn.finish(response)
    }

    private struct NotAnAddress: Error {}
}

/// A value that the closures of a test share.
final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
