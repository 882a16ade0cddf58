/// A format of audio files: the container, and for Ogg its codec.
public struct AudioFormat: Sendable, Hashable {
    let container: any AudioContainer

    init(_ container: any AudioContainer) { self.container = container }

    /// The name, such as `flac` or `ogg-vorbis`.
    public var name: String { container.name }

    /// The usual extensions, in lower case and without the dot. New files get the first one.
    public var fileExtensions: [String] { container.fileExtensions }

    /// All formats that can be read and tagged.
    public static let all = AudioContainers.all.map { AudioFormat($0) }

    /// The extensions of all formats, for a first selection by name. The content of a file decides.
    public static let allFileExtensions = Set(all.flatMap(\.fileExtensions))

    public static func == (left: AudioFormat, right: AudioFormat) -> Bool { left.name == right.name }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The content of a file, by its bytes.
public enum AudioContent: Sendable, Equatable {
    case audio(AudioFormat)
    /// Audio or video that cannot be tagged, by name.
    case unsupported(String)
    case unrecognised
    case empty

    /// Examines the content of a file; its name has no influence. Blocks on the disk.
    ///
    /// - Throws: ``AudioFileError`` when the file cannot be read.
    public static func detect(at path: String) throws(AudioFileError) -> AudioContent {
        try detect(in: FileBytes(path: path))
    }

    static func detect(in file: FileBytes) throws(AudioFileError) -> AudioContent {
        switch try AudioContainers.detect(in: file) {
        case .audio(let container): .audio(AudioFormat(container))
        case .unsupported(let name): .unsupported(name)
        case .unrecognised: .unrecognised
        case .empty: .empty
        }
    }
}
