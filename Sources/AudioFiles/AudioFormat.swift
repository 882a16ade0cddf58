/// What the content of a file is: the container, and for Ogg what is inside.
public enum AudioFormat: String, CaseIterable, Sendable {
    case flac
    case mpeg
    case mp4
    case oggVorbis = "ogg-vorbis"
    case oggOpus = "ogg-opus"
    case oggFLAC = "ogg-flac"
    case wav
    case aiff
    case ape
    case wavPack = "wavpack"

    /// The extensions that files of this format usually have, lower-case, without the dot.
    public var fileExtensions: [String] {
        switch self {
        case .flac: ["flac"]
        case .mpeg: ["mp3", "mp2"]
        case .mp4: ["m4a", "mp4", "m4b"]
        case .oggVorbis: ["ogg", "oga"]
        case .oggOpus: ["opus", "ogg", "oga"]
        case .oggFLAC: ["oga", "ogg", "flac"]
        case .wav: ["wav"]
        case .aiff: ["aiff", "aif"]
        case .ape: ["ape"]
        case .wavPack: ["wv"]
        }
    }

    /// Every extension of every format, for a first look at names; the content decides.
    public static let allFileExtensions = Set(allCases.flatMap(\.fileExtensions))
}

/// What a look at the content of a file found.
public enum AudioContent: Sendable, Equatable {
    case audio(AudioFormat)
    /// Audio or video of a kind that cannot be tagged here, by name.
    case unsupported(String)
    case unrecognised
    case empty
}
