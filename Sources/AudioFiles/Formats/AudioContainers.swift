/// The formats of audio files. This is the only list: a new format is one conformer and one line here.
enum AudioContainers {
    static let all: [any AudioContainer] = [
        FLACContainer(),
        MP4Container(),
        RIFFContainer.wav,
        RIFFContainer.aiff,
        APEContainer(),
        WavPackContainer(),
        OggContainer.vorbis,
        OggContainer.opus,
        OggContainer.flac,
        MPEGContainer(),
    ]

    /// Returns the format of a file by its content; the name of the file has no influence. Blocks.
    static func detect(in file: FileBytes) throws(AudioFileError) -> DetectedContent {
        guard file.size > 0 else { return .empty }
        let start = try ID3v2Header.end(in: file)
        let head = try file.bytes(at: start, count: 64)
        if let content = try detect(in: file, start, head, bySearch: false) { return content }
        if let name = try UnsupportedContent.name(of: file, from: start, head: head) { return .unsupported(name) }
        return try detect(in: file, start, head, bySearch: true) ?? .unrecognised
    }

    private static func detect(
        in file: FileBytes, _ start: Int64, _ head: [UInt8], bySearch: Bool
    ) throws(AudioFileError) -> DetectedContent? {
        for container in all where container.isFoundBySearch == bySearch {
            switch try container.recognise(file, from: start, head: head) {
            case .yes: return .audio(container)
            case .unsupported(let name): return .unsupported(name)
            case .no: continue
            }
        }
        return nil
    }
}

/// The content of a file, by its bytes.
enum DetectedContent {
    case audio(any AudioContainer)
    /// Audio or video that cannot be tagged, by name.
    case unsupported(String)
    case unrecognised
    case empty
}
