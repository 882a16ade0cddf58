import Foundation

extension FileError {
    struct Meaning: Sendable, Equatable {
        let code: Code
        let advice: String
    }

    /// Returns what an `errno` means for an operation on a file.
    static func meaning(of number: Int32) -> Meaning {
        switch number {
        case ENOENT:
            Meaning(code: .notFound, advice: "check that the volume is mounted and that the path exists")
        case EEXIST, ENOTEMPTY: Meaning(code: .alreadyExists, advice: "rename or remove what has this name")
        case ENOTDIR: Meaning(code: .notAFolder, advice: "a file is where a folder should be: rename it")
        case EISDIR, ELOOP, ENXIO:
            Meaning(code: .notARegularFile, advice: "replace it by a regular file; links are not followed here")
        case EACCES, EPERM: Meaning(code: .permissionDenied, advice: "check owner and mode, PUID and PGID")
        default: volumeMeaning(of: number)
        }
    }

    private static func volumeMeaning(of number: Int32) -> Meaning {
        switch number {
        case EROFS: Meaning(code: .readOnly, advice: "mount the volume writable")
        case ENOSPC, EDQUOT, EFBIG: Meaning(code: .diskFull, advice: "free some space")
        case EXDEV: Meaning(code: .otherFileSystem, advice: "use folders of one volume")
        case EMFILE, ENFILE: Meaning(code: .tooManyOpenFiles, advice: "raise the limit of open files (ulimit -n)")
        case ENAMETOOLONG: Meaning(code: .nameTooLong, advice: "shorten the name")
        case EOPNOTSUPP, ENOSYS, EINVAL, EMLINK, ENOTTY:
            Meaning(code: .unsupported, advice: "use a volume whose file system can do this")
        default: Meaning(code: .unreadable, advice: "check the disk or the share")
        }
    }

    /// Whether a failed link means that the file system, or a rule of the kernel, allows no hard links here.
    static func meansNoHardLinks(_ number: Int32) -> Bool {
        [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(number)
    }
}
