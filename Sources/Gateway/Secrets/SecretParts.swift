import Contracts
import Foundation
import HTTPClient
import Hummingbird
import Logging
import Metadata
import NIOPosix
import ServiceKit
import ServiceLifecycle

/// The part of the gateway that keeps secrets and tokens: what it is made of, its routes, and its end.
struct SecretParts: Service {
    let secrets: SecretStore
    let commands: SpotifySignIn
    let tokens: StoredTokens
    private let client: HTTPClient
    private let logger: Logger

    /// Opens the database and adds its readiness check.
    /// - Throws: `SettingsError`, and errors that say why the database or its key cannot be used.
    init(_ runtime: ServiceRuntime) async throws {
        let settings = try SignInSettings(runtime.raw, port: runtime.settings.httpPort)
        let database = try await Self.open(runtime)
        try self.init(database, runtime.raw, settings, logger: runtime.logger)
        let file = DatabaseFileCheck(URL(filePath: database.path))
        runtime.readiness.add("secrets") { await file.run(database.probe) }
    }

    /// Makes the parts on a database that is open.
    init(
        _ database: SecretDatabase, _ raw: Settings, _ settings: SignInSettings, logger: Logger
    ) throws(SettingsError) {
        client = HTTPClient(userAgent: "hdm-gateway", maxConcurrentTransfers: 4)
        let accounts = SpotifyAccounts(url: settings.accountsURL, client: client)
        secrets = try SecretStore(database, raw, logger: logger)
        commands = SpotifySignIn(secrets: secrets, accounts: accounts, settings: settings, logger: logger)
        tokens = StoredTokens(secrets, accounts: accounts, logger: logger)
        self.logger = logger
    }

    private static func open(_ runtime: ServiceRuntime) async throws -> SecretDatabase {
        let state = runtime.settings.stateDir
        let keys = try SecretKeySource(text: runtime.raw.text, stateDir: state, problem: SettingsError.init)
        let path = runtime.raw.text("HDM_SECRETS_PATH", default: state.appending(path: "secrets.db").path)
        return try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
            return try SecretDatabase.open(path, keys: keys)
        }
    }

    /// Adds the routes; all but the browser's way back need one of the keys.
    func add(to router: Router<BasicRequestContext>, keys: APIKeys) {
        // A proxy may show another path outside than it asks for inside.
        for path in Set([SignInSettings.callbackPath, commands.settings.redirect.path]) {
            CallbackController(commands: commands, logger: logger).add(to: router, at: path)
        }
        InternalController(secrets: secrets, tokens: tokens).add(to: router)
        let oauth = OAuthController(commands: commands)
        router.group("/api/v1").add(middleware: APIKeyMiddleware(keys: keys))
            .addRoutes(SecretsController(secrets: secrets).endpoints, atPath: "/settings/secrets")
            .addRoutes(oauth.endpoints)
        router.group("/spotify").add(middleware: APIKeyMiddleware(keys: keys))
            .get("status") { _, _ in try await oauth.status() }
    }

    /// Closes everything after its users have stopped; what Spotify answers to a renewal under way is kept first.
    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    func close() async {
        await tokens.drain()
        await client.close()
        do {
            try await NIOThreadPool.singleton.runIfActive { try secrets.database.close() }
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "the database of secrets could not be closed in order",
                metadata: [LogKey.error: .string("\(CatalogueError(secrets: error))")])
        }
    }
}
