import Synchronization

/// Lines that wait to be written, within limits. Beyond them the oldest lines are dropped and counted.
struct LineQueue {
    /// The most lines, and bytes of UTF-8, that wait.
    struct Limits: Sendable {
        var lines = 10_000
        var bytes = 8 << 20
    }

    private let limits: Limits
    private var lines: [String] = []
    private var bytes = 0
    /// Lines that were dropped since ``takeLosses()``.
    private var losses = 0

    init(_ limits: Limits) { self.limits = limits }

    var isEmpty: Bool { lines.isEmpty }

    /// Appends a line. A line longer than the limit is dropped itself.
    /// - Returns: how many lines were dropped.
    mutating func append(_ line: String) -> Int {
        lines.append(line)
        bytes += line.utf8.count
        guard lines.count > limits.lines || bytes > limits.bytes else { return 0 }
        return makeRoom()
    }

    /// Removes the oldest lines, some more than necessary: removing them one by one would cost time for each line.
    private mutating func makeRoom() -> Int {
        let goal = (lines: limits.lines * 9 / 10, bytes: limits.bytes * 9 / 10)
        var count = 0
        while count < lines.count, lines.count - count > goal.lines || bytes > goal.bytes {
            bytes -= lines[count].utf8.count
            count += 1
        }
        lines.removeFirst(count)
        losses += count
        return count
    }

    /// Removes and returns the oldest lines, at most 256.
    mutating func take() -> [String] {
        let taken = Array(lines.prefix(256))
        lines.removeFirst(taken.count)
        bytes -= taken.reduce(0) { $0 + $1.utf8.count }
        return taken
    }

    /// Counts lines that could not be written.
    mutating func lose(_ count: Int) { losses += count }

    /// Returns how many lines were dropped, and begins to count anew.
    mutating func takeLosses() -> Int {
        defer { losses = 0 }
        return losses
    }
}
