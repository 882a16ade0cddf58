public import Foundation
import Synchronization

/// The access tokens that the stand-ins for Spotify agree on: the accounts' side issues them, the Web API takes them.
public final class SpotifyTokenBook: Sendable {
    /// For whom a token is.
    public enum Holder: Sendable, Equatable {
        /// The app alone (client credentials).
        case app
        /// A user who agreed to these scopes.
        case user(scopes: Set<String>)
    }

    /// What a token is worth now.
    public enum Verdict: Sendable, Equatable {
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

    /// - Parameter now: the clock by which tokens expire.
    public init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    /// A new token, 3600 seconds long unless told otherwise.
    public func issue(_ holder: Holder, lifetime: TimeInterval = 3600) -> String {
        let token = "BQ" + RandomText.make(60)
        entries.withLock { $0[token] = Entry(holder: holder, expiresAt: now().addingTimeInterval(lifetime)) }
        return token
    }

    /// What the Web API says to a token.
    public func validate(_ token: String) -> Verdict {
        guard let entry = entries.withLock({ $0[token] }) else { return .unknown }
        return entry.expiresAt > now() ? .valid(entry.holder) : .expired
    }

    /// Ends a token before its time.
    public func expire(_ token: String) { entries.withLock { $0[token]?.expiresAt = .distantPast } }

    /// Ends every token before its time.
    public func expireAll() {
        entries.withLock { entries in
            for token in entries.keys { entries[token]?.expiresAt = .distantPast }
        }
    }

    /// Every token with its holder and its end.
    var all: [String: (holder: Holder, end: Date)] {
        entries.withLock { $0.mapValues { ($0.holder, $0.expiresAt) } }
    }

    /// Every token that was ever issued: what must be found in no log and no file.
    public var issued: Set<String> { entries.withLock { Set($0.keys) } }
}

/// Text that nobody guesses, as codes and tokens are made of.
public enum RandomText {
    public static func make(_ length: Int) -> String {
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<length).compactMap { _ in characters.randomElement() })
    }
}
