/// The format, properties and tags of one audio file.
///
/// All functions block on the disk: call them on a `BlockingPool`.
public struct AudioFile: Sendable, Equatable {
    public var format: AudioFormat
    public var properties: AudioProperties
    public var tags: AudioTags
    /// The number of embedded pictures; `nil` when it is unknown.
    public var pictureCount: Int?

    /// Reads a file. Its format is recognised by the content, whatever its name is.
    ///
    /// - Throws: ``AudioFileError``: `unrecognised`, `unsupportedFormat`, `damaged`, or a failure to read.
    public static func read(at path: String) throws(AudioFileError) -> AudioFile {
        let format = try recognisedFormat(at: path)
        let file = try TagLibFile(path: path, container: format.container, for: .reading)
        let pictures = file.pictureCount
        return AudioFile(
            format: format, properties: try file.properties(), tags: AudioTags(properties: try file.tags()),
            pictureCount: pictures >= 0 ? pictures : nil)
    }

    static func recognisedFormat(at path: String) throws(AudioFileError) -> AudioFormat {
        switch try AudioContent.detect(at: path) {
        case .audio(let format): return format
        case .unsupported(let name): throw AudioFileError(.unsupportedFormat, path, "\(name) cannot be tagged")
        case .unrecognised: throw AudioFileError(.unrecognised, path, "the content is not audio")
        case .empty: throw AudioFileError(.unrecognised, path, "the file is empty")
        }
    }
}
