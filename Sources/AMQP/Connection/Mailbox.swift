import Foundation
import Synchronization

/// A queue of commands for the connection's thread. Posting never blocks.
final class Mailbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// A file descriptor that is readable while commands are queued.
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

    /// Queues a command. After ``close()`` the command fails at once.
    func post(_ command: Command) {
        let (accepted, wasEmpty) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if !accepted { command.fail(.closed) }
        if wasEmpty { wake() }
    }

    /// Removes and returns the queued commands, in order.
    func removeAll() -> [Command] {
        var signals: UInt64 = 0
        _ = read(wakeDescriptor, &signals, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Fails the queued commands and every later one.
    func close() {
        let remaining = state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
        for command in remaining { command.fail(.closed) }
    }

    private func wake() {
        var signal: UInt8 = 1
        _ = write(wakeSender, &signal, 1)
    }
}
