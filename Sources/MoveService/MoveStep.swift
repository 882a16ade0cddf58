/// The steps of a move that change the world, in their order.
///
/// Tests stop a move before any of them, as a crash would, and run it again.
enum MoveStep: String, CaseIterable, Sendable {
    /// The chosen place is written to the journal.
    case reserve
    case makeFolders
    /// Owner and mode of the file are set.
    case prepare
    /// The file gets its name in the library.
    case link
    /// Only to another file system: the partial file is created, is written, and gets its name in the library.
    case createPartial, fillPartial, linkPartial, removePartial
    /// The file is entered in the index.
    case record
    /// The job's end is noted and its own folder removed.
    case finish
    case close
}

/// What a move reports to, and asks, while it runs. Called on the thread of the move.
struct MoveWatch: Sendable {
    /// Before each step; what it throws ends the move there.
    var before: @Sendable (MoveStep) throws -> Void = { _ in }
    /// Bytes copied, of all.
    var progress: @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    /// Asked between pieces of a copy; a copy that is cancelled leaves nothing behind.
    var isCancelled: @Sendable () -> Bool = { false }
    /// The library is on another file system: so many bytes are copied.
    var copies: @Sendable (_ size: Int64) -> Void = { _ in }
}
