import Foundation
import Synchronization

/// Passes responses to the tasks that wait for them, by correlation id.
final class ReplyRouter: Sendable {
    private let waiting = Mutex<[String: AsyncStream<Data>.Continuation]>([:])

    /// Returns the responses that arrive for a key while the stream is read.
    func responses(to key: String) -> AsyncStream<Data> {
        let (stream, continuation) = AsyncStream.makeStream(of: Data.self, bufferingPolicy: .bufferingNewest(1))
        waiting.withLock { $0[key] = continuation }
        return stream
    }

    func stopWaiting(for key: String) {
        waiting.withLock { $0.removeValue(forKey: key) }?.finish()
    }

    /// Passes a response on. A response that no task waits for is dropped: the same submission gets it again.
    func deliver(_ body: Data, to key: String) {
        waiting.withLock { $0[key] }?.yield(body)
    }
}
