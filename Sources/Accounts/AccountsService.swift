import Contracts
import Files
import Foundation
import HTTPClient
public import Hummingbird
import Logging
public import ServiceKit
public import ServiceLifecycle

/// Secrets, sign-ins and tokens: the database, the routes, and an orderly end.
///
/// The planner owns it. Other services use ``RemoteTokens`` and ``RemoteSecret``.
public struct AccountsService: Service {
    let secrets: SecretStore
    let signIn: SpotifySignIn
    let storedTokens: StoredTokens
    private let client: HTTPClient
    private let logger: Logger

    /// The source of access tokens for this process.
    public var tokens: any SpotifyTokens { storedTokens }

    /// Opens the database and adds its readiness check.
    /// - Throws: `SettingsError`; an error with the reason why the database or its key cannot be used.
    public init(_ runtime: ServiceRuntime) async throws {
        let settings = try SignInSettings(runtime.raw)
        let database = try await Self.open(runtime)
        try self.init(database, runtime.raw, settings, logger: runtime.logger)
        let file = DatabaseFileCheck(URL(filePath: database.path))
        runtime.readiness.add("secrets") { await file.run(database.probe) }
    }

    /// Creates the parts on an open database.
    init(
        _ database: SecretDatabase, _ raw: Settings, _ settings: SignInSettings, logger: Logger
    ) throws(SettingsError) {
        client = HTTPClient(userAgent: "harmony-download-manager", maxConcurrentTransfers: 4)
        let accounts = SpotifyAccounts(url: settings.accountsURL, client: client)
        secrets = try SecretStore(database, raw, logger: logger)
        signIn = SpotifySignIn(secrets: secrets, accounts: accounts, settings: settings, logger: logger)
        storedTokens = StoredTokens(secrets, accounts: accounts, logger: logger)
        self.logger = logger
    }

    private static func open(_ runtime: ServiceRuntime) async throws -> SecretDatabase {
        let state = runtime.settings.stateDir
        let keys = try SecretKeySource(text: runtime.raw.text, stateDir: state, problem: SettingsError.init)
        let path = runtime.raw.text("HDM_SECRETS_PATH", default: state.appending(path: "secrets.db").path)
        return try await BlockingPool.databases.run {
            try DiskFolder(state.path).make()
            return try SecretDatabase.open(path, keys: keys)
        }
    }

    /// Closes the database and the connections after their users have stopped. Running renewals are finished first, so
    /// that their refresh tokens are not lost.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    func close() async {
        await storedTokens.drain()
        await client.close()
        do {
            try await BlockingPool.databases.run(within: .seconds(10)) { try secrets.database.close() }
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "the secrets database could not be closed",
                metadata: [LogKey.error: .string("\(TokenError(secrets: error))")])
        }
    }
}

// MARK: - Routes

extension AccountsService {
    /// The paths that a browser opens without a key.
    ///
    /// A reverse proxy may serve a redirect address whose path differs from the path that it forwards, so both are served.
    public var openPaths: Set<String> { [SignInSettings.callbackPath, signIn.settings.redirect.path] }

    /// Adds all routes. All but ``openPaths`` need the service key; the caller's router checks it.
    public func addRoutes(to router: some RouterMethods<BasicRequestContext>) {
        let callback = CallbackController(signIn: signIn, logger: logger)
        for path in openPaths { router.addRoutes(callback.endpoints, atPath: RouterPath(path)) }
        let oauth = OAuthController(signIn: signIn)
        router.addRoutes(InternalController(secrets: secrets, tokens: storedTokens).endpoints)
        router.addRoutes(SecretsController(secrets: secrets).endpoints, atPath: "/api/v1/settings/secrets")
        router.addRoutes(oauth.endpoints, atPath: "/api/v1")
        router.get("/spotify/status") { _, _ in try await oauth.status() }
    }
}
