import Contracts
import Files
import Synchronization

/// What the journals of crashed processes contain about the step of a message.
struct RunHistory: Sendable, Equatable {
    /// A process published the outcome of the step and crashed before the acknowledgement.
    var isSettled = false
    /// How many processes crashed during a run of the job at the stage.
    var crashes = 0
    /// How many of them had no other run at that time.
    var crashesAlone = 0
}

/// Reads the journals of crashed processes, for messages that the broker delivers again. All functions block.
final class CrashHistory: Sendable {
    /// The journals of crashed processes that are kept; the oldest are removed first.
    private static let keptJournals = 200
    private static let largestJournal = 4 << 20

    private let folder: DiskFolder
    /// How old the list of crashed processes may be for a message that the broker did not deliver before.
    private static let longestAge = Duration.seconds(5)

    private typealias Journal = (name: String, lines: [JournalLine])

    /// The journals of crashed processes, which no longer change, by their names.
    private let known = Mutex<[String: [JournalLine]]>([:])
    private let last = Mutex<(at: ContinuousClock.Instant, journals: [Journal])?>(nil)

    init(_ staging: StagingArea) {
        folder = DiskFolder(staging.downloads.appending(path: ".harmony/journal").path)
    }

    /// Returns the history of the step of a message.
    /// - Parameter isRepeated: whether the broker delivered the message before, so that a crash may be a moment ago.
    func history(of step: DeliveredStep, isRepeated: Bool) throws(FileError) -> RunHistory {
        var history = RunHistory()
        var open: [String: (begun: Bool, alone: Bool)] = [:]
        for (name, lines) in try journals(fresh: isRepeated) {
            let process = String(name.prefix { $0 != "." })
            for line in lines where line.step.run.isSameStage(as: step.run) {
                switch line.entry {
                case .begun(let alone): open[process] = (true, alone)
                case .ended: open[process] = nil
                case .settled:
                    open[process] = nil
                    if isRepeated, line.step == step { history.isSettled = true }
                }
            }
        }
        history.crashes = open.count
        history.crashesAlone = open.values.count { $0.alone }
        return history
    }

    /// Removes all journals of crashed processes but the latest ones.
    func removeOld() throws(FileError) {
        let names = try folder.names()
        guard names.count > Self.keptJournals else { return }
        var dated: [(name: String, changed: Int64)] = []
        for name in names {
            guard let status = try FileStatus.read(path(name)) else { continue }
            dated.append((name, status.modifiedSeconds))
        }
        let old = dated.sorted { $0.changed < $1.changed }.dropLast(Self.keptJournals)
        for (name, _) in old where isCrashed(name) {
            try OpenFile.remove(path(name))
            _ = known.withLock { $0.removeValue(forKey: name) }
        }
    }

    private func journals(fresh: Bool) throws(FileError) -> [Journal] {
        let earlier = last.withLock { $0 }
        if !fresh, let earlier, .now - earlier.at < Self.longestAge { return earlier.journals }
        let journals = try crashed()
        last.withLock { $0 = (.now, journals) }
        return journals
    }

    /// Returns the lines of the crashed processes' journals by the names of their files, in the order of their parts.
    private func crashed() throws(FileError) -> [Journal] {
        var journals: [Journal] = []
        let names = try folder.names().sorted()
        // Other processes remove old journals too.
        let present = Set(names)
        known.withLock { $0 = $0.filter { present.contains($0.key) } }
        for name in names {
            if let lines = known.withLock({ $0[name] }) {
                journals.append((name, lines))
            } else if isCrashed(name), let lines = try read(name) {
                known.withLock { $0[name] = lines }
                journals.append((name, lines))
            }
        }
        return journals
    }

    /// Whether no process has locked the journal. On a volume without locks no crash is proven.
    private func isCrashed(_ name: String) -> Bool {
        do throws(FileError) {
            return try FileLock.isLocked(byte: 0, of: path(name)) == false
        } catch {
            return false
        }
    }

    private func read(_ name: String) throws(FileError) -> [JournalLine]? {
        guard let bytes = try SmallFile(path(name)).read(limit: Self.largestJournal) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { JournalLine($0) }
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }
}
