import Foundation
import Synchronization

/// What callers ask of the thread that owns the connection. Posting never blocks.
final class Mailbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readable when commands wait.
    let wakeDescriptor: Int32
    private let wakeSender: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakeDescriptor = ends[0]
        wakeSender = ends[1]
    }

    deinit {
        Foundation.close(wakeDescriptor)
        Foundation.close(wakeSender)
    }

    /// Queues a command; one that comes after the end is refused at once.
    func post(_ command: Command) {
        let (accepted, wasEmpty) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if !accepted { command.fail(.closed) }
        if wasEmpty { wake() }
    }

    /// Takes what was posted so far, in order.
    func takeAll() -> [Command] {
        var signals: UInt64 = 0
        _ = read(wakeDescriptor, &signals, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Refuses further commands and fails those that wait.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
        for command in left { command.fail(.closed) }
    }

    private func wake() {
        var signal: UInt8 = 1
        _ = write(wakeSender, &signal, 1)
    }
}

extension AMQPError {
    static let closed = AMQPError(.closed, "the connection was closed")
}

/// One thing asked of the connection's thread.
enum Command: Sendable {
    case publish(PendingPublish)
    case settle(DeliveryReceipt, Settlement)
    case call(PendingCall)
    case close(CheckedContinuation<Void, Never>)

    /// Tells the caller that it will not happen. A lost settlement needs no word: the broker delivers again.
    func fail(_ error: AMQPError) {
        switch self {
        case .publish(let publish): publish.finish(.failure(error))
        case .settle: break
        case .call(let call): call.fail(error)
        case .close(let continuation): continuation.resume()
        }
    }
}

/// A publish on its way; it outlives connections until its deadline.
struct PendingPublish: Sendable {
    let message: Message
    let exchange: String
    let routingKey: String
    let deadline: ContinuousClock.Instant
    /// Called once, on the thread that ends it.
    let completion: @Sendable (Result<Void, AMQPError>) -> Void

    func finish(_ result: Result<Void, AMQPError>) { completion(result) }
}

/// A call of the protocol that waits for its turn, or for a connection.
struct PendingCall: Sendable {
    /// Whether it waits for a connection, or only changes what the connection's thread keeps.
    let needsConnection: Bool
    let deadline: ContinuousClock.Instant
    let run: @Sendable (ConnectionCore) -> Void
    let fail: @Sendable (AMQPError) -> Void
}
