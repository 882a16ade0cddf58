import Contracts
import Foundation

/// A call to the file system that failed: which, on what, and the system's reason.
struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as a verb phrase: "create", "write to", "link to".
    let action: String
    let path: String
    /// The `errno`.
    let code: Int32

    /// - Parameter code: by default the `errno` of the call that failed just before.
    init(_ action: String, _ path: String, code: Int32 = errno) {
        self.action = action
        self.path = path
        self.code = code
    }

    var description: String {
        "cannot \(action) \(path) as uid \(geteuid()), gid \(getegid()): \(String(cString: strerror(code)))"
    }

    /// What the job ends or is retried with.
    var jobError: JobError {
        switch code {
        case ENOSPC, EDQUOT: JobError(.diskFull, "\(description); free some space, then requeue the job")
        case EACCES, EPERM: JobError(.permissionDenied, "\(description); check owner and mode, PUID and PGID")
        case EROFS: JobError(.permissionDenied, "\(description); the volume must be mounted writable")
        case ENOTDIR: JobError(.internalError, "\(description); a file is where a folder should be: rename it")
        default: JobError(.internalError, description)
        }
    }

    /// What a link fails with where the file system, or a rule of the kernel, knows no hard links.
    static func meansNoHardLinks(_ code: Int32) -> Bool {
        [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(code)
    }
}
