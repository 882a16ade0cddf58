import Contracts
import Files
import Foundation
import Synchronization

/// The journal of a worker: a file of the runs that began, were settled, or ended otherwise.
///
/// The process locks its journal as long as it lives. A journal without a lock belongs to a process that crashed: the runs
/// that it began and did not end are the only ones that count as crashes. Process ids are no evidence, because containers
/// share them. The file is not synchronised, because the page cache outlives the process. An orderly end removes it.
final class ProcessJournal: Sendable {
    /// A longer file is written anew with the open runs and the last settled ones.
    private static let longestFile = 1 << 20
    /// The settled runs that are known in memory and in a new file.
    private static let keptSettled = 2000

    private struct State: ~Copyable {
        var lock: FileLock?
        var file: OpenFile?
        var path = ""
        var part = 0
        var size = 0
        var open: [DeliveredStep: Bool] = [:]
        var settled: [DeliveredStep] = []
        var settledSet: Set<DeliveredStep> = []
    }

    private let folder: DiskFolder
    /// Identifies the process in the names of its files.
    private let process = UUID().uuidString.lowercased()
    private let state = Mutex(State())

    init(_ staging: StagingArea) {
        folder = DiskFolder(staging.downloads.appending(path: ".harmony/journal").path)
    }

    /// Records that a run begins. Blocks.
    /// - Parameter alone: whether no other run is in progress in the process.
    /// - Throws: ``FileError``. The run may begin all the same: only its crash is not counted.
    func begin(_ step: DeliveredStep, alone: Bool) throws(FileError) {
        try record { state in
            state.open[step] = alone
            return JournalLine(.begun(alone: alone), step)
        }
    }

    /// Records that the outcome of a run was published, before its message is acknowledged. Blocks.
    func settle(_ step: DeliveredStep) throws(FileError) {
        try record { state in
            state.open[step] = nil
            if state.settledSet.insert(step).inserted { state.settled.append(step) }
            if state.settled.count > 2 * Self.keptSettled {
                for old in state.settled.prefix(Self.keptSettled) { state.settledSet.remove(old) }
                state.settled.removeFirst(Self.keptSettled)
            }
            return JournalLine(.settled, step)
        }
    }

    /// Records that a run ended without an outcome: its message returns to the broker. Blocks.
    func end(_ step: DeliveredStep) throws(FileError) {
        try record { state in
            guard state.open.removeValue(forKey: step) != nil else { return nil }
            return JournalLine(.ended, step)
        }
    }

    /// Whether this process settled the step of a message.
    func hasSettled(_ step: DeliveredStep) -> Bool { state.withLock { $0.settledSet.contains(step) } }

    /// Removes the journal, for an orderly end of the process. Blocks.
    func close() {
        state.withLock { state in
            // With open runs the file stays without a lock: then they count as crashed, and at worst run alone.
            if state.open.isEmpty, !state.path.isEmpty { try? OpenFile.remove(state.path) }
            state.file = nil
            state.path = ""
            state.lock = nil
        }
    }

    private func record(_ change: (inout State) -> JournalLine?) throws(FileError) {
        let result: Result<Void, FileError> = state.withLock { state in
            guard let line = change(&state) else { return .success(()) }
            do throws(FileError) {
                if state.path.isEmpty || state.size > Self.longestFile {
                    try rewrite(&state)
                } else {
                    try append([line], &state)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Starts a new file with the present state. The former one is removed after the new one is locked and complete.
    private func rewrite(_ state: inout State) throws(FileError) {
        try folder.make()
        let former = state.path
        let path = "\(folder.path)/\(process).\(state.part)"
        let lock = try FileLock.tryLock(bytes: [0], of: path)
        guard lock != nil else { throw FileError("lock", path, number: EAGAIN) }
        state.part += 1
        let settled = state.settled.suffix(Self.keptSettled).map { JournalLine(.settled, $0) }
        let lines = settled + state.open.map { JournalLine(.begun(alone: $0.value), $0.key) }
        let bytes = Array(lines.map(\.text).joined().utf8)
        let file = try OpenFile.appending(path)
        do throws(FileError) {
            try file.append(bytes)
        } catch {
            // The former file keeps its lock.
            try OpenFile.remove(path)
            throw error
        }
        state.file = consume file
        state.lock = consume lock
        (state.path, state.size) = (path, bytes.count)
        if !former.isEmpty { try OpenFile.remove(former) }
    }

    private func append(_ lines: [JournalLine], _ state: inout State) throws(FileError) {
        let bytes = Array(lines.map(\.text).joined().utf8)
        try state.file?.append(bytes)
        state.size += bytes.count
    }
}
