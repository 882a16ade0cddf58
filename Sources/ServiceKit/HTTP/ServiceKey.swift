import Contracts
import Foundation
public import Hummingbird

/// The secret that the services of an installation share; a service accepts requests of other services only with it.
///
/// The value is `HDM_SERVICE_KEY`, else the content of the file that `HDM_SERVICE_KEY_FILE` names, else the content of
/// `<HDM_STATE_DIR>/service.key`. The first service that starts creates that file. Services that do not share the
/// folder need one of the two settings.
public struct ServiceKey: Sendable {
    /// The header that carries the key.
    public static let header = "X-HDM-Service-Key"

    /// The value for the header; never to be logged.
    public let value: String

    /// The fewest bytes that are hard enough to guess.
    private static let minimumLength = 16

    /// Loads the key, and creates its file if there is none yet.
    /// - Throws: ``SettingsError`` when the key is too short or unusual, or when its file cannot be used.
    public static func load(_ runtime: ServiceRuntime) async throws -> ServiceKey {
        try await load(runtime.raw, stateDir: runtime.settings.stateDir)
    }

    static func load(_ settings: Settings, stateDir: URL) async throws -> ServiceKey {
        if let value = try settings.secret("HDM_SERVICE_KEY") { return try ServiceKey(value, from: "HDM_SERVICE_KEY") }
        let file = ServiceKeyFile(stateDir.appending(path: "service.key", directoryHint: .notDirectory))
        return try ServiceKey(try await file.content(), from: "HDM_SERVICE_KEY_FILE")
    }

    /// - Parameter setting: the setting that an error names.
    init(_ value: String, from setting: String) throws(SettingsError) {
        let isPrintable = value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard value.utf8.count >= Self.minimumLength, isPrintable else {
            throw SettingsError(
                setting, "must hold a key of at least \(Self.minimumLength) printable ASCII characters without spaces")
        }
        self.value = value
    }

    /// Compares in a time that depends on the lengths only, so that a caller cannot find the key byte by byte.
    func matches(_ presented: String) -> Bool {
        let (own, other) = (Array(value.utf8), Array(presented.utf8))
        guard own.count == other.count else { return false }
        return zip(own, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Lets only requests with the service key through, except to open paths.
public struct ServiceKeyMiddleware<Context: RequestContext>: RouterMiddleware {
    private let key: ServiceKey
    private let openPaths: Set<String>

    /// - Parameter openPaths: paths that need no key, each with a slash at its beginning.
    public init(_ key: ServiceKey, openPaths: Set<String> = []) {
        self.key = key
        self.openPaths = openPaths
    }

    /// - Throws: `APIError` `.authRequired` for a request without the key.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let presented = request.header(ServiceKey.header) ?? ""
        guard openPaths.contains(request.uri.path) || key.matches(presented) else {
            throw APIError(
                .authRequired,
                "send the service key as \(ServiceKey.header); all services need the same HDM_SERVICE_KEY or HDM_STATE_DIR"
            )
        }
        return try await next(request, context)
    }
}
