/// The file name extensions of audio that HDM searches for, in lower case and without the dot.
///
/// This is the only list: sources offer files with these extensions, and the matcher judges them. The list contains
/// what the tag stage can write, without the extensions of videos (`mp4`) and audiobooks (`m4b`).
public enum AudioFileExtension: String, CaseIterable, Sendable {
    case flac, wav, aiff, aif, ape, wv
    case mp3, mp2, ogg, oga, opus
    /// `m4b` is the same for audiobooks.
    case m4a, m4b

    /// The kind of encoding that an extension stands for.
    public enum Encoding: Sendable {
        case lossless, lossy
        /// The container holds AAC (lossy) or ALAC (lossless).
        case either
    }

    public var encoding: Encoding {
        switch self {
        case .flac, .wav, .aiff, .aif, .ape, .wv: .lossless
        case .mp3, .mp2, .ogg, .oga, .opus: .lossy
        case .m4a, .m4b: .either
        }
    }

    /// Reads the extension of a file name or path, with `/` or `\` as the separator; `nil` if it is not one of audio.
    public init?(path: String) {
        let name = path.utf8.split { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "/") }.last
        guard let name, let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        self.init(rawValue: String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased())
    }
}
