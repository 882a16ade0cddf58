import Foundation

extension AudioFileError {
    /// The error that a failed system call stands for.
    init(errno number: Int32, _ path: String) {
        let text = String(cString: strerror(number))
        switch number {
        case ENOENT, ENOTDIR: self.init(.notFound, path, "the file is not there")
        case EACCES, EPERM, EROFS:
            self.init(.permissionDenied, path, "\(text): check owner and mode of the file and its folder")
        case ENOSPC, EDQUOT: self.init(.diskFull, path, "\(text): free some space")
        default: self.init(.unreadable, path, "\(text): check the disk or the share")
        }
    }
}
