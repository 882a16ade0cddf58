/// Tells one waiting task that there may be something to do. Raised twice before it is heard, it is heard once.
struct WakeSignal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Every time it is raised; for one reader.
    var raised: AsyncStream<Void> { stream }

    func raise() { continuation.yield() }

    /// Ends the reader's wait for good.
    func finish() { continuation.finish() }
}
