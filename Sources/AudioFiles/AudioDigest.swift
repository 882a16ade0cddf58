import Crypto

/// A SHA-256 over the audio of a file without its tags: the same before and after any change of tags or pictures.
///
/// What is hashed depends on the container, so digests of different formats never compare. FLAC, MP3, APE and WavPack:
/// the bytes between the tags. MP4: the media data, and where in it the chunks lie. Ogg: all packets but the comments.
/// WAV and AIFF: the sample data.
public struct AudioDigest: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case hexadecimal.
    public let description: String

    /// Reads the whole file, in pieces of bounded size; blocks on the disk.
    ///
    /// - Throws: ``AudioFileError``: `unrecognised` when the content is not audio, `damaged` when it has no audio part.
    public static func compute(at path: String) throws(AudioFileError) -> AudioDigest {
        let file = try FileBytes(path: path)
        guard case .audio(let format) = try AudioContent.detect(in: file) else {
            throw AudioFileError(.unrecognised, path, "the content is not audio")
        }
        var hash = SHA256()
        let payload = try AudioPayload(of: file, format)
        guard payload.byteCount > 0 else { throw AudioFileError(.damaged, path, "the file has no audio part") }
        for range in payload.ranges { try hash.update(range, of: file) }
        for position in payload.positions {
            withUnsafeBytes(of: position.littleEndian) { hash.update(bufferPointer: $0) }
        }
        return AudioDigest(description: hash.finalize().map { hexadecimal($0) }.joined())
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}

extension SHA256 {
    fileprivate mutating func update(_ range: Range<Int64>, of file: FileBytes) throws(AudioFileError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try file.bytes(at: offset, count: Int(min(range.upperBound - offset, 1024 * 1024)))
            guard !bytes.isEmpty else { return }
            update(data: bytes)
            offset += Int64(bytes.count)
        }
    }
}
