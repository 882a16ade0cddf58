import Foundation

/// A file of a few bytes that appears complete or not at all: a key, a marker, a cursor. All functions block.
public struct SmallFile: Sendable, Hashable {
    public let path: String
    private let mode: UInt32

    /// - Parameter mode: the permission bits of a new file before the process's umask.
    public init(_ path: String, mode: UInt32 = 0o644) {
        self.path = path
        self.mode = mode
    }

    /// Returns the content, or `nil` when the file does not exist. A symbolic link is followed.
    ///
    /// - Parameter limit: a longer file is an error, in bytes.
    public func read(limit: Int = 1 << 20) throws(FileError) -> [UInt8]? {
        guard let file = try OpenFile.reading(path, followLinks: true) else { return nil }
        let bytes = try file.read(at: 0, count: limit + 1)
        guard bytes.count <= limit else { throw FileError("read", path, number: EFBIG) }
        return bytes
    }

    /// Writes the file durably unless it exists. Of several processes, one succeeds.
    ///
    /// - Returns: `false` when the file existed; it is unchanged.
    public func create(_ bytes: some Sequence<UInt8>) throws(FileError) -> Bool {
        if FileStatus.exists(path) { return false }
        let draft = try writeDraft(Array(bytes))
        defer { unlink(draft.path) }
        guard try draft.name(path) == .named else { return false }
        try folder.synchronise()
        return true
    }

    /// Writes the file durably, in place of an earlier one.
    ///
    /// After an error the content is the earlier one, or, if only the folder could not be synchronised, the new one. A
    /// repetition is harmless.
    public func replace(_ bytes: some Sequence<UInt8>) throws(FileError) {
        let draft = try writeDraft(Array(bytes))
        do throws(FileError) {
            try OpenFile.rename(draft.path, replacing: path)
        } catch {
            unlink(draft.path)
            throw error
        }
        try folder.synchronise()
    }

    private var folder: DiskFolder { DiskFolder(of: path) }

    /// Writes a durable file beside the final one. A process that is killed here leaves it: it has no effect, and
    /// ``DraftSweep`` removes it.
    private func writeDraft(_ bytes: [UInt8]) throws(FileError) -> OpenFile {
        let name = ".hdm-\(UUID().uuidString.lowercased()).draft"
        let draft = try OpenFile.creating("\(folder.path)/\(name)", mode: mode)
        do throws(FileError) {
            try draft.append(bytes)
            try draft.synchronise()
        } catch {
            unlink(draft.path)
            throw error
        }
        return draft
    }
}
