import Contracts
import Foundation
import Synchronization

/// The record of a run: what was done when, in a file with one JSON object a line.
final class ChaosJournal: Sendable {
    struct Line: Sendable {
        let at: Timestamp
        let what: String
        let text: String

        var description: String { "\(at) \(what) \(text)" }
    }

    let file: URL
    private let handle: FileHandle
    private let lines = Mutex<[Line]>([])

    /// Creates the file.
    init(_ file: URL) throws {
        self.file = file
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: file)
        handle = try FileHandle(forWritingTo: file)
    }

    func record(_ what: String, _ text: String = "") {
        let line = Line(at: .now, what: what, text: text)
        lines.withLock { $0.append(line) }
        let object: JSONValue = ["at": .string(line.at.description), "what": .string(what), "text": .string(text)]
        guard let data = try? ContractCoding.encode(object) else { return }
        try? handle.write(contentsOf: data + Data("\n".utf8))
    }

    /// The number of lines with this word.
    func count(_ what: String) -> Int { lines.withLock { $0.count { $0.what == what } } }

    /// The texts of the lines with this word.
    func texts(_ what: String) -> [String] { lines.withLock { $0.filter { $0.what == what }.map(\.text) } }

    /// The faults between two times, some seconds more on each side.
    func faults(from first: String?, to last: String?) -> [String] {
        let span = Duration.seconds(10)
        let from = first.flatMap { Timestamp($0) }.map { $0 + (.zero - span) }
        let to = last.flatMap { Timestamp($0) }.map { $0 + span }
        return lines.withLock { lines in
            lines.filter { line in
                line.what.hasPrefix("fault") && from.map { $0 <= line.at } ?? true && to.map { line.at <= $0 } ?? true
            }.map(\.description)
        }
    }
}
