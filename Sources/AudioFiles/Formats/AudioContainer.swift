/// A format of audio files: how its files are recognised, verified, hashed and tagged.
///
/// A conformer is a value without state. ``AudioContainers/all`` lists all of them; the rest of the program uses a format
/// only through this list. The functions block on the disk.
protocol AudioContainer: Sendable {
    /// The name in evidence and errors, such as `flac` or `ogg-vorbis`. Unique.
    var name: String { get }

    /// The usual extensions, in lower case and without the dot. New files get the first one.
    var fileExtensions: [String] { get }

    /// The extension for which TagLib opens the file as this format.
    var tagLibExtension: String { get }

    /// The name of the codec; `nil` when the container can hold several, and TagLib reports which.
    var codec: String? { get }

    /// How the tags store a position such as "3 of 12".
    var numbering: TagNumbering { get }

    /// Whether the header of a complete file may lack the duration, as an encoder could not return to it.
    var mayLackDuration: Bool { get }

    /// Whether the format has no signature and is found by a search for its frames. Such a format is tried last.
    var isFoundBySearch: Bool { get }

    /// Examines the content of a file.
    ///
    /// - Parameters:
    ///   - start: the offset after leading ID3v2 tags.
    ///   - head: the first bytes from there, up to 64.
    func recognise(_ file: FileBytes, from start: Int64, head: [UInt8]) throws(AudioFileError) -> Recognition

    /// Returns the parts of the file that are audio, without tags and pictures.
    func payload(of file: FileBytes) throws(AudioFileError) -> AudioPayload

    /// Returns whether the file has all of its audio, from the beginning to the end.
    func completeness(of file: FileBytes) throws(AudioFileError) -> Completeness
}

/// The result of ``AudioContainer/recognise(_:from:head:)``.
enum Recognition: Sendable, Equatable {
    case yes, no
    /// The content is of this format, in a variant that cannot be tagged. The text names the variant, with its article.
    case unsupported(String)
}

/// How tags store a position such as "3 of 12".
enum TagNumbering: Sendable {
    /// One text: `3/12`.
    case oneText
    /// Two fields: the number, and the total beside it.
    case separateTotal
}

extension AudioContainer {
    var tagLibExtension: String { fileExtensions.first ?? "" }
    var codec: String? { nil }
    var numbering: TagNumbering { .oneText }
    var mayLackDuration: Bool { false }
    var isFoundBySearch: Bool { false }
}
