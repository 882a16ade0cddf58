/// An audio file could not be read, verified or tagged. The message contains the reason and what to do.
public struct AudioFileError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The file does not exist.
        public static let notFound = Code(description: "not_found")
        /// The process has no permission to read or write the file.
        public static let permissionDenied = Code(description: "permission_denied")
        public static let diskFull = Code(description: "disk_full")
        /// The disk or the share failed while the file was read.
        public static let unreadable = Code(description: "unreadable")
        /// The content is not audio of a known format, whatever the name of the file is.
        public static let unrecognised = Code(description: "unrecognised")
        /// The content is audio of a format that cannot be tagged.
        public static let unsupportedFormat = Code(description: "unsupported_format")
        /// The content has the signature of audio and cannot be parsed.
        public static let damaged = Code(description: "damaged")
        /// The tags were not written, or not all of them. The file must not be used.
        public static let cannotWrite = Code(description: "cannot_write")
        /// Writing the tags changed the audio. The file must not be used.
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
