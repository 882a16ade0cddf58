/// The key under which the response to a submission is stored, so that a repeated submission gets the same response.
public struct ReplayKey: Sendable, Equatable {
    /// Where the key comes from, which decides how strict it is.
    public enum Origin: Sendable, Equatable {
        /// The publisher chose it as an idempotency key: another body under the same key is a conflict.
        case publisher
        /// It is the id of a message. Publishers may use an id twice, so only a redelivered message is a repetition.
        case message(redelivered: Bool)
    }

    public let key: String
    /// The SHA-256 of the submission, in lower-case hexadecimal.
    public let bodyHash: String
    public let origin: Origin
    /// How long the response is stored.
    public let lifetime: Duration

    /// Creates a key.
    /// - Parameter scope: Separates the keys of different publishers.
    public init(_ key: String, scope: String, bodyHash: String, origin: Origin, lifetime: Duration) {
        self.key = "\(scope):\(key)"
        self.bodyHash = bodyHash
        self.origin = origin
        self.lifetime = lifetime
    }

    /// Whether a stored response may be returned.
    var mayReplay: Bool { origin != .message(redelivered: false) }
}

/// An idempotency key was used before, for a submission with another body. Nothing was admitted.
public struct IdempotencyConflict: Error, Sendable {}

/// The stored response to a repeated submission cannot be read. Nothing was admitted, because the jobs exist already.
public struct UnreadableResponse: Error, Sendable, Equatable {
    /// Why it cannot be read.
    public let reason: String
}
