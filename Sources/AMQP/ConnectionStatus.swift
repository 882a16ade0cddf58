/// What a connection is doing.
public enum ConnectionStatus: Sendable, Equatable {
    case connecting
    /// The connection is open. `blocked` holds the reason while the broker accepts no publishes (a memory or disk
    /// alarm).
    case open(serverVersion: String, blocked: String?)
    /// The last attempt failed, or the connection was lost. The connection is opened again automatically.
    case down(AMQPError)
    case closed

    /// Whether the broker accepts calls and publishes now.
    public var isUsable: Bool { if case .open(_, nil) = self { true } else { false } }
}
