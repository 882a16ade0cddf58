import Contracts
import Foundation
import ServiceKit

/// Where a batch is followed: a picture that changes in its place on a terminal, and one line for each change elsewhere.
///
/// Nothing about the terminal is changed that an interrupted command would have to put back.
struct BatchScreen {
    private let size: TerminalSize?
    private var drawn = 0
    private var told: [String: String] = [:]
    private var toldTotals = ""

    /// - Parameter size: `nil` where there is no terminal.
    init(_ size: TerminalSize?) { self.size = size }

    mutating func show(_ report: BatchReport) {
        if let size { draw(report, size) } else { tellChanges(report) }
    }

    /// Says something beside the batch.
    mutating func complain(_ text: String) {
        drawn = 0
        FileHandle.standardError.write(Data("hdm: \(text)\n".utf8))
    }

    /// The picture stays; what comes next goes below it.
    mutating func end() { drawn = 0 }

    private mutating func draw(_ report: BatchReport, _ size: TerminalSize) {
        let picture = BatchText.picture(report, rows: size.rows, columns: size.columns - 1)
        // Back to the first line of the last picture, and away with it.
        let back = drawn > 0 ? "\u{1B}[\(drawn)A\u{1B}[J" : ""
        StandardOutput.write(back + picture)
        drawn = picture.split(separator: "\n", omittingEmptySubsequences: false).count
    }

    private mutating func tellChanges(_ report: BatchReport) {
        for line in changes(report) { StandardOutput.write("\(report.at) \(line)") }
    }

    /// A line for each job that does something else than before, and one for the totals.
    mutating func changes(_ report: BatchReport) -> [String] {
        var lines: [String] = []
        for job in report.jobs where told[job.id] != job.news {
            told[job.id] = job.news
            lines.append(BatchText.job(job))
        }
        let totals = "\(BatchText.heading(report.batch)); \(BatchText.totals(report.batch))"
        if totals != toldTotals { lines.append(totals) }
        toldTotals = totals
        return lines
    }
}

extension RunningJob {
    /// What makes a line worth telling: bytes only by the quarter.
    fileprivate var news: String {
        let quarter = progress?.percent.map { $0 / 25 }
        let parts: [Any?] = [
            state, stage, message, notBefore, progress?.phase, progress?.peer, progress?.placeInQueue, quarter,
        ]
        return parts.map { $0.map { "\($0)" } ?? "" }.joined(separator: "\u{0}")
    }
}

/// How much a terminal shows.
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
