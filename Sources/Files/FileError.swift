import Foundation

/// A file operation that failed: which operation, on which path, and the system's reason.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, independent of the system's number.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        public static let notFound = Code(description: "not_found")
        public static let alreadyExists = Code(description: "already_exists")
        /// A part of the path that must be a folder is something else.
        public static let notAFolder = Code(description: "not_a_folder")
        /// The path is a folder, a link, a device or a pipe, and must be a regular file.
        public static let notARegularFile = Code(description: "not_a_regular_file")
        public static let permissionDenied = Code(description: "permission_denied")
        public static let readOnly = Code(description: "read_only")
        /// The volume or the quota of its user is full.
        public static let diskFull = Code(description: "disk_full")
        /// Source and target are on different file systems.
        public static let otherFileSystem = Code(description: "other_file_system")
        /// The process or the machine has no file descriptors left.
        public static let tooManyOpenFiles = Code(description: "too_many_open_files")
        public static let nameTooLong = Code(description: "name_too_long")
        /// The file system cannot do this operation.
        public static let unsupported = Code(description: "unsupported")
        /// The disk or the share failed, or a reason that has no code of its own.
        public static let unreadable = Code(description: "unreadable")
    }

    /// The operation as a verb phrase: "create", "write to".
    public let operation: String
    public let path: String
    /// The `errno` of the failed call.
    public let number: Int32

    /// The failure of the system call just before.
    init(_ operation: String, _ path: String) { self.init(operation, path, number: errno) }

    public init(_ operation: String, _ path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    public var code: Code { Self.meaning(of: number).code }

    /// What to do about it.
    public var advice: String { Self.meaning(of: number).advice }

    /// The same operation may succeed later without a change of the configuration.
    public var isRetriable: Bool { [.diskFull, .tooManyOpenFiles, .unreadable].contains(code) }

    /// The system's text for ``number``.
    public var reason: String { String(cString: strerror(number)) }

    public var description: String {
        "cannot \(operation) \(path) as uid \(geteuid()), gid \(getegid()): \(reason); \(advice)"
    }
}
