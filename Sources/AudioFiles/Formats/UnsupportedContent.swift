/// Names audio and video that no ``AudioContainer`` handles, for errors.
enum UnsupportedContent {
    /// - Parameters:
    ///   - start: the offset after leading ID3v2 tags.
    ///   - head: the first bytes from there.
    /// - Returns: `nil` for content that has none of the known signatures.
    static func name(of file: FileBytes, from start: Int64, head: [UInt8]) throws(AudioFileError) -> String? {
        if head.starts(with: [0x30, 0x26, 0xB2, 0x75]) { return "Windows Media" }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return "Matroska" }
        if head.has("DSD ", at: 0) || head.has("FRM8", at: 0) { return "DSD" }
        if head.has("MPCK", at: 0) || head.has("MP+", at: 0) { return "Musepack" }
        if head.has("TTA1", at: 0) { return "True Audio" }
        if head.has("RF64", at: 0) || head.has("BW64", at: 0) { return "RF64" }
        if head.has("OggS", at: 0), try OggPage(in: file, at: start) != nil {
            return "Ogg with another codec than Vorbis, Opus or FLAC"
        }
        // ADTS: the sync word with layer 0, which no MPEG layer has.
        if head.count > 1, head[0] == 0xFF, head[1] & 0xF6 == 0xF0 { return "AAC without a container" }
        return nil
    }
}

extension [UInt8] {
    /// Whether these ASCII characters are at `index`.
    func has(_ text: StaticString, at index: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, count >= index + length else { return false }
        return self[index..<(index + length)].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: length))
    }
}
