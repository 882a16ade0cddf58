/// What the headers of a file say about its audio; a damaged file may say anything.
public struct AudioProperties: Sendable, Equatable {
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus`, `pcm`, `ape`, `wavpack`, `mp2`, `mp1`, or `unknown`.
    public var codec: String
    /// 0 when the header does not state it, as in FLAC that was streamed.
    public var durationMS: Int
    /// An average over the file.
    public var bitrateKbps: Int?
    /// Hertz.
    public var sampleRate: Int
    public var channels: Int
    /// Only where the codec has one: `nil` for MP3, AAC, Vorbis and Opus.
    public var bitDepth: Int?
    /// Nobody can play it without a licence.
    public var isEncrypted: Bool
}
