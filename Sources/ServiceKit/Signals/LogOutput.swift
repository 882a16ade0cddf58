import CoreMetrics
import Foundation
import Synchronization

/// Writes log lines on a thread of its own, so that a reader that is slow, stopped or gone never delays the process.
///
/// Lines wait in a queue within limits. Beyond them the oldest are dropped; the next line that can be written says how
/// many. A line that cannot be written, for example to a closed pipe or a full disk, counts as dropped.
public final class LogOutput: Sendable {
    /// The log of this process, on standard output.
    public static let process = LogOutput(descriptor: STDOUT_FILENO, flushesAtExit: true)

    /// How long the end of the process waits for the last lines.
    public static let flushLimit: Duration = .seconds(2)

    private struct State {
        var queue: LineQueue
        var isRunning = false
        /// The writer has no lines and waits for ``wake``.
        var isIdle = false
        var flushes: [DispatchSemaphore] = []
        var describe: @Sendable (Int) -> String = { "\($0) log lines were dropped" }
    }

    private let descriptor: Int32
    private let flushesAtExit: Bool
    private let wake = DispatchSemaphore(value: 0)
    private let state: Mutex<State>

    init(descriptor: Int32, limits: LineQueue.Limits = .init(), flushesAtExit: Bool = false) {
        self.descriptor = descriptor
        self.flushesAtExit = flushesAtExit
        state = Mutex(State(queue: LineQueue(limits)))
    }

    /// Writes one line, which has no line end, soon. Never waits.
    @Sendable public func write(_ line: String) {
        let (dropped, mustStart, mustWake) = state.withLock { state in
            let dropped = state.queue.append(line)
            defer { (state.isRunning, state.isIdle) = (true, false) }
            return (dropped, !state.isRunning, state.isIdle)
        }
        if mustStart { start() }
        if mustWake { wake.signal() }
        if dropped > 0 { Self.count(dropped) }
    }

    /// Sets the line that says how many lines were dropped.
    func describeLosses(_ describe: @escaping @Sendable (Int) -> String) {
        state.withLock { $0.describe = describe }
    }

    /// Waits until all lines are written, at most for `limit`. Blocks.
    /// - Returns: `false` when lines are left.
    @discardableResult
    public func flush(within limit: Duration = LogOutput.flushLimit) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isDone = state.withLock { state in
            guard state.isRunning, !state.isIdle else { return true }
            state.flushes.append(done)
            return false
        }
        return isDone || done.wait(timeout: .now() + limit / .seconds(1)) == .success
    }

    /// Counts dropped lines in the metrics.
    static func count(_ lines: Int) { Counter(label: "hdm_log_lines_dropped_total").increment(by: lines) }
}

// MARK: - The writer

extension LogOutput {
    private func start() {
        if flushesAtExit { atexit { LogOutput.process.flush() } }
        let thread = Thread { self.run() }
        thread.name = "log-output"
        thread.start()
    }

    private func run() {
        while true {
            let (losses, lines) = next()
            if lines.isEmpty { wake.wait() } else { write(lines, after: losses) }
        }
    }

    /// Returns the next lines, and how many were dropped before them; none when the writer has to wait for ``wake``.
    private func next() -> (losses: Int, lines: [String]) {
        let (losses, lines, flushes) = state.withLock { state in
            let lines = state.queue.take()
            guard lines.isEmpty else { return (state.queue.takeLosses(), lines, [DispatchSemaphore]()) }
            state.isIdle = true
            defer { state.flushes = [] }
            return (0, [], state.flushes)
        }
        for flush in flushes { flush.signal() }
        return (losses, lines)
    }

    private func write(_ lines: [String], after losses: Int) {
        // Losses that could not be reported are reported with the next lines.
        let unreported = losses > 0 && !succeeds(state.withLock(\.describe)(losses)) ? losses : 0
        // One call for each line, so that lines of several processes do not mix.
        let failed = lines.count { !succeeds($0) }
        if failed > 0 { Self.count(failed) }
        if unreported + failed > 0 { state.withLock { $0.queue.lose(unreported + failed) } }
    }

    private func succeeds(_ line: String) -> Bool { Descriptor.write(line + "\n", to: descriptor) == 0 }
}
