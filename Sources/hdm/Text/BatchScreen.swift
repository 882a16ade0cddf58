import Contracts
import Foundation
import ServiceKit

/// Displays a batch until its end: on a terminal as a text that is updated in place, elsewhere as one line for each
/// change.
///
/// It changes no mode of the terminal that an interrupted command would have to restore.
struct BatchScreen {
    private let size: TerminalSize?
    /// The number of lines of the last text.
    private var drawn = 0
    private var printed: [String: String] = [:]
    private var printedTotals = ""

    /// - Parameter size: `nil` where there is no terminal.
    init(_ size: TerminalSize?) { self.size = size }

    mutating func show(_ report: BatchReport) {
        if let size { draw(report, size) } else { printChanges(report) }
    }

    /// Prints a warning to standard error.
    mutating func warn(_ text: String) {
        drawn = 0
        StandardError.write("hdm: \(text)\n")
    }

    /// Leaves the last text in place. Further output goes below it.
    mutating func end() { drawn = 0 }

    private mutating func draw(_ report: BatchReport, _ size: TerminalSize) {
        let text = BatchText.text(report, rows: size.rows, columns: size.columns - 1)
        // Moves to the first line of the last text, and clears the terminal from there.
        let back = drawn > 0 ? "\u{1B}[\(drawn)A\u{1B}[J" : ""
        StandardOutput.write(back + text)
        drawn = text.split(separator: "\n", omittingEmptySubsequences: false).count
    }

    private mutating func printChanges(_ report: BatchReport) {
        for line in changes(report) { StandardOutput.write("\(report.at) \(line)") }
    }

    /// Returns a line for each job that changed, and one for the totals if they changed.
    mutating func changes(_ report: BatchReport) -> [String] {
        var lines: [String] = []
        for job in report.jobs where printed[job.id] != job.signature {
            printed[job.id] = job.signature
            lines.append(BatchText.job(job))
        }
        let totals = "\(BatchText.heading(report.batch)); \(BatchText.totals(report.batch))"
        if totals != printedTotals { lines.append(totals) }
        printedTotals = totals
        return lines
    }
}

extension RunningJob {
    /// The values whose change is printed. Of the bytes, only each quarter counts.
    fileprivate var signature: String {
        let quarter = progress?.percent.map { $0 / 25 }
        let parts: [Any?] = [
            state, stage, message, notBefore, progress?.phase, progress?.peer, progress?.placeInQueue, quarter,
        ]
        return parts.map { $0.map { "\($0)" } ?? "" }.joined(separator: "\u{0}")
    }
}

/// The size of a terminal in characters.
struct TerminalSize: Sendable, Equatable {
    var rows: Int
    var columns: Int

    /// `nil` when standard output is no terminal.
    static var ofStandardOutput: TerminalSize? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0, window.ws_col > 0 else {
            return TerminalSize(rows: 24, columns: 80)
        }
        return TerminalSize(rows: Int(window.ws_row), columns: Int(window.ws_col))
    }
}
