public import Foundation
import Synchronization

/// Stores the access tokens that the fake accounts service issues and the fake Web API accepts.
public final class SpotifyTokenStore: Sendable {
    /// The holder of a token.
    public enum Holder: Sendable, Equatable {
        /// The app itself (client credentials).
        case app
        /// A user who consented to these scopes.
        case user(scopes: Set<String>)
    }

    /// The validity of a token.
    public enum Validity: Sendable, Equatable {
        case valid(Holder)
        /// `The access token expired`.
        case expired
        /// `Invalid access token`.
        case unknown
    }

    private struct Entry {
        var holder: Holder
        var expiresAt: Date
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let now: @Sendable () -> Date

    /// - Parameter now: Returns the current time, for the expiry of tokens.
    public init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    /// Issues a token.
    /// - Parameter lifetime: The lifetime in seconds.
    public func issue(_ holder: Holder, lifetime: TimeInterval = 3600) -> String {
        let token = "BQ" + RandomText.make(60)
        entries.withLock { $0[token] = Entry(holder: holder, expiresAt: now().addingTimeInterval(lifetime)) }
        return token
    }

    /// Returns the validity of a token.
    public func validate(_ token: String) -> Validity {
        guard let entry = entries.withLock({ $0[token] }) else { return .unknown }
        return entry.expiresAt > now() ? .valid(entry.holder) : .expired
    }

    /// Expires a token.
    public func expire(_ token: String) { entries.withLock { $0[token]?.expiresAt = .distantPast } }

    /// Expires all tokens.
    public func expireAll() {
        entries.withLock { entries in
            for token in entries.keys { entries[token]?.expiresAt = .distantPast }
        }
    }

    /// All tokens with their holders and expiry times.
    var all: [String: (holder: Holder, end: Date)] {
        entries.withLock { $0.mapValues { ($0.holder, $0.expiresAt) } }
    }

    /// All issued tokens, for checks that no log and no file contains them.
    public var issued: Set<String> { entries.withLock { Set($0.keys) } }
}

/// Creates random text for codes and tokens.
public enum RandomText {
    public static func make(_ length: Int) -> String {
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<length).compactMap { _ in characters.randomElement() })
    }
}
