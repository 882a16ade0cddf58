/// The properties of the audio as the headers of a file state them. A damaged file may state anything.
public struct AudioProperties: Sendable, Equatable {
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus`, `pcm`, `ape`, `wavpack`, `mp2`, `mp1`, or `unknown`.
    public var codec: String
    /// 0 when the header does not state it, as in streamed FLAC.
    public var durationMS: Int
    /// The average over the file.
    public var bitrateKbps: Int?
    /// Hertz.
    public var sampleRate: Int
    public var channels: Int
    /// `nil` for codecs without a bit depth: MP3, AAC, Vorbis and Opus.
    public var bitDepth: Int?
    /// The audio cannot be played without a licence.
    public var isEncrypted: Bool
}
