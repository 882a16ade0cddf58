import CFileMove
import Foundation

/// The outcome of giving a file a name without replacing another file.
public enum NamingResult: Sendable, Equatable {
    /// The file has the name. After a hard link it still has its former name as well.
    case named
    /// Another file has the name; nothing was changed.
    case taken
    /// The name is on another file system; nothing was changed.
    case otherFileSystem
}

extension OpenFile {
    /// Gives this file the name `target` in one step, never in place of another file. Blocks.
    ///
    /// The open file gets a second name by a hard link, even if its path means another file by now. Where hard links
    /// are not possible, the path is renamed without replacing.
    ///
    /// - Parameter allowingRace: also accept file systems that can do neither. There the target is checked and then
    ///   renamed, in two steps: only for folders in which no other process uses the name.
    public func name(_ target: String, allowingRace: Bool = false) throws(FileError) -> NamingResult {
        let opened = "/proc/self/fd/\(descriptor)"
        let number = linkat(AT_FDCWD, opened, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
        guard FileError.meansNoHardLinks(number) else { return try result(number, target) }
        let renamed = hdm_rename_exclusive(path, target)
        guard allowingRace, [EINVAL, ENOSYS, EOPNOTSUPP].contains(renamed) else { return try result(renamed, target) }
        guard try FileStatus.read(target) == nil else { return .taken }
        return try result(Foundation.rename(path, target) == 0 ? 0 : errno, target)
    }

    private func result(_ number: Int32, _ target: String) throws(FileError) -> NamingResult {
        switch number {
        case 0: .named
        case EEXIST: .taken
        case EXDEV: .otherFileSystem
        default: throw FileError("give \(path) the name", target, number: number)
        }
    }

    /// Gives this file the first of the names that is free, and removes its former name. Blocks.
    ///
    /// - Returns: the name, or `nil` when all are taken.
    public func name(
        firstFreeOf targets: some Sequence<String>, allowingRace: Bool = false
    ) throws(FileError)
        -> String?
    {
        for target in targets {
            switch try name(target, allowingRace: allowingRace) {
            case .named:
                try Self.remove(path)
                return target
            case .taken: continue
            case .otherFileSystem: throw FileError("give \(path) the name", target, number: EXDEV)
            }
        }
        return nil
    }

    /// Gives the path its final name in one step, in place of an earlier file of that name. Blocks.
    public static func rename(_ path: String, replacing target: String) throws(FileError) {
        guard Foundation.rename(path, target) == 0 else { throw FileError("give \(path) the name", target) }
    }

    /// Locks the file for this descriptor without waiting: flock(2). The lock ends with the descriptor.
    ///
    /// - Returns: `false` when another open file has the lock.
    public func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
}
