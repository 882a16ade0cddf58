/// Why a file could not be read, judged or tagged, and what to do about it.
public struct AudioFileError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The file is not there.
        public static let notFound = Code(description: "not_found")
        /// The process may not read or write the file.
        public static let permissionDenied = Code(description: "permission_denied")
        public static let diskFull = Code(description: "disk_full")
        /// The disk or the share failed while the file was read.
        public static let unreadable = Code(description: "unreadable")
        /// The content is not audio that anybody here knows, whatever the name says.
        public static let unrecognised = Code(description: "unrecognised")
        /// The content is audio of a kind that cannot be tagged here.
        public static let unsupportedFormat = Code(description: "unsupported_format")
        /// The content claims to be audio and cannot be parsed as such.
        public static let damaged = Code(description: "damaged")
        /// The tags were not written, or not all of them; the file is not to be used.
        public static let cannotWrite = Code(description: "cannot_write")
        /// Writing the tags changed the audio; the file is not to be used.
        public static let audioChanged = Code(description: "audio_changed")
    }

    public let code: Code
    public let path: String
    public let message: String

    init(_ code: Code, _ path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    public var description: String { "\(path): \(message)" }
}
