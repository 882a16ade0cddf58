/// Wakes one waiting task when there may be work. Signals that are raised before the task reads are merged into one.
public struct WakeSignal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    public init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The signals, for one reader.
    public var raised: AsyncStream<Void> { stream }

    public func raise() { continuation.yield() }

    /// Ends the stream of signals.
    public func finish() { continuation.finish() }
}
