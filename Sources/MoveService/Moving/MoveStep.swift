/// The steps of a move that change files or the index, in their order.
///
/// Tests stop a move before each of them, like a crash, and run it again.
enum MoveStep: String, CaseIterable, Sendable {
    /// The chosen target is recorded in the journal.
    case reserve
    case makeFolders
    /// Owner and mode of the file are set.
    case prepare
    /// The file gets its name in the library.
    case link
    /// Only to another file system: the partial file is created, is filled, and gets its name in the library.
    case createPartial, fillPartial, linkPartial, removePartial
    /// The file is entered in the index.
    case record
    /// The job's end is recorded and its own folder removed.
    case finish
    case close
}

/// The connections of a running move to its caller. The functions are called on the thread of the move.
struct MoveObserver: Sendable {
    /// Called before each step. The move ends with the error that it throws.
    var before: @Sendable (MoveStep) throws -> Void = { _ in }
    /// Called with the bytes copied so far, and in total.
    var progress: @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    /// Called between the pieces of a copy. A cancelled copy leaves no file.
    var isCancelled: @Sendable () -> Bool = { false }
    /// Called when the library is on another file system, with the number of bytes to copy.
    var willCopy: @Sendable (_ size: Int64) -> Void = { _ in }
}
