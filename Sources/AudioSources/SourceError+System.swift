import Foundation

extension SourceError {
    /// The error that a failed system call on the file or folder at `path` stands for.
    init(errno number: Int32, _ path: String) {
        let text = String(cString: strerror(number))
        switch number {
        case ENOENT, ENOTDIR: self.init(.gone, "\(path) is not there any more")
        case EACCES, EPERM, EROFS:
            self.init(.permissionDenied, "\(path): \(text); check owner and mode, and PUID and PGID")
        case ENOSPC, EDQUOT: self.init(.diskFull, "\(path): \(text); free some space")
        default: self.init(.unreadable, "\(path): \(text); check the disk or the share")
        }
    }
}
