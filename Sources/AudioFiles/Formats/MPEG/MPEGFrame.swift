/// The header of one MPEG audio frame.
struct MPEGFrame: Equatable {
    /// From 1 to 3.
    let layer: Int
    let isMPEG1: Bool
    /// Hertz.
    let sampleRate: Int
    let isMono: Bool
    /// Bytes, header included.
    let length: Int

    private static let sampleRates = [44100, 48000, 32000]
    /// In kbit/s, by index 1 to 14: for MPEG 1 layers I, II, III, for MPEG 2 layer I, and for its layers II and III.
    private static let bitrates: [[Int]] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

    /// Reads a header of four bytes. Returns `nil` for other bytes and for a free-format stream.
    init?(_ header: UInt64) {
        let version = Int(header >> 19 & 3)
        let layerBits = Int(header >> 17 & 3)
        let bitrateIndex = Int(header >> 12 & 15)
        let rateIndex = Int(header >> 10 & 3)
        guard header >> 21 == 0x7FF, version != 1, layerBits != 0, (1...14).contains(bitrateIndex), rateIndex != 3
        else { return nil }
        layer = 4 - layerBits
        isMPEG1 = version == 3
        sampleRate = Self.sampleRates[rateIndex] >> (isMPEG1 ? 0 : version == 2 ? 1 : 2)
        isMono = header >> 6 & 3 == 3
        let table = isMPEG1 ? layer - 1 : layer == 1 ? 3 : 4
        let bitrate = Self.bitrates[table][bitrateIndex - 1] * 1000
        let padding = Int(header >> 9 & 1)
        switch layer {
        case 1: length = (12 * bitrate / sampleRate + padding) * 4
        case 3 where !isMPEG1: length = 72 * bitrate / sampleRate + padding
        default: length = 144 * bitrate / sampleRate + padding
        }
    }

    init?(in file: FileBytes, at offset: Int64) throws(AudioFileError) {
        guard let header = try file.bigEndian(at: offset, count: 4), let frame = MPEGFrame(header) else { return nil }
        self = frame
    }

    func isLike(_ other: MPEGFrame) -> Bool {
        layer == other.layer && isMPEG1 == other.isMPEG1 && sampleRate == other.sampleRate
    }

    /// Returns the offset of the first frame: a header that two headers of the same stream follow.
    ///
    /// A single header is no proof, as texts and pictures contain bytes that look like one.
    static func first(in file: FileBytes, from start: Int64) throws(AudioFileError) -> Int64? {
        let end = min(file.size, start + 128 * 1024)
        var offset = start
        while offset < end {
            if let frame = try MPEGFrame(in: file, at: offset), try frame.isFollowed(in: file, at: offset) {
                return offset
            }
            offset += 1
        }
        return nil
    }

    private func isFollowed(in file: FileBytes, at offset: Int64) throws(AudioFileError) -> Bool {
        var next = offset + Int64(length)
        for _ in 0..<2 {
            guard let frame = try MPEGFrame(in: file, at: next), frame.isLike(self) else { return false }
            next += Int64(frame.length)
        }
        return true
    }
}
