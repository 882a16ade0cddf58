import Foundation
import Synchronization

/// Lines of standard input, read on a thread of its own. The thread ends with the input or with the process.
final class PastedLines: Sendable {
    private let lines = Mutex<[String]>([])

    init() {
        Thread.detachNewThread { [weak self] in
            while let line = readLine() {
                let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
                if !text.isEmpty { self?.lines.withLock { $0.append(text) } }
            }
        }
    }

    /// Returns the lines since the last call.
    func next() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}
