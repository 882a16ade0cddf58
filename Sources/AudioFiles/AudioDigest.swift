/// The SHA-256 of a file's audio without its tags: equal before and after any change of tags or pictures.
///
/// The hashed bytes depend on the format, so digests of different formats are never equal. Each format defines them as
/// its payload: for FLAC and MP3 the bytes between the tags, for MP4 the media data, for Ogg all packets but the comments.
public struct AudioDigest: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case hexadecimal.
    public let description: String

    /// Reads the whole file, in pieces of bounded size. Blocks on the disk.
    ///
    /// - Throws: ``AudioFileError``: `unrecognised` when the content is not audio, `damaged` when it has no audio part.
    public static func compute(at path: String) throws(AudioFileError) -> AudioDigest {
        let file = try FileBytes(path: path)
        guard case .audio(let format) = try AudioContent.detect(in: file) else {
            throw AudioFileError(.unrecognised, path, "the content is not audio")
        }
        let payload = try format.container.payload(of: file)
        guard payload.byteCount > 0 else { throw AudioFileError(.damaged, path, "the file has no audio part") }
        return AudioDigest(description: try payload.sha256(in: file))
    }
}
