extension AudioContent {
    /// Finds out what a file is by its bytes alone; the name is not looked at. Blocks on the disk.
    ///
    /// - Throws: ``AudioFileError`` when the file cannot be read.
    public static func detect(at path: String) throws(AudioFileError) -> AudioContent {
        try detect(in: FileBytes(path: path))
    }

    static func detect(in file: FileBytes) throws(AudioFileError) -> AudioContent {
        guard file.size > 0 else { return .empty }
        let start = try ID3v2Header.end(in: file)
        let head = try file.bytes(at: start, count: 64)
        if head.has("ftyp", at: 4), try MP4Box.isFragmented(file, from: start) {
            // TagLib neither reads their duration nor leaves them playable when it writes tags.
            return .unsupported("an MP4 file in fragments")
        }
        if let format = byMagic(head) { return .audio(format) }
        if head.starts(with: Array("OggS".utf8)) { return try ogg(in: file, at: start) }
        if let name = unsupportedByMagic(head) { return .unsupported(name) }
        return try MPEGFrame.first(in: file, from: start) == nil ? .unrecognised : .audio(.mpeg)
    }

    private static func byMagic(_ head: [UInt8]) -> AudioFormat? {
        if head.has("fLaC", at: 0) { return .flac }
        if head.has("ftyp", at: 4) { return .mp4 }
        if head.has("RIFF", at: 0), head.has("WAVE", at: 8) { return .wav }
        if head.has("FORM", at: 0), head.has("AIFF", at: 8) || head.has("AIFC", at: 8) { return .aiff }
        if head.has("MAC ", at: 0) { return .ape }
        if head.has("wvpk", at: 0) { return .wavPack }
        return nil
    }

    private static func unsupportedByMagic(_ head: [UInt8]) -> String? {
        if head.starts(with: [0x30, 0x26, 0xB2, 0x75]) { return "Windows Media" }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return "Matroska" }
        if head.has("DSD ", at: 0) || head.has("FRM8", at: 0) { return "DSD" }
        if head.has("MPCK", at: 0) || head.has("MP+", at: 0) { return "Musepack" }
        if head.has("TTA1", at: 0) { return "True Audio" }
        if head.has("RF64", at: 0) || head.has("BW64", at: 0) { return "RF64" }
        // ADTS: the sync word with layer 0, which no MPEG layer has.
        if head.count > 1, head[0] == 0xFF, head[1] & 0xF6 == 0xF0 { return "AAC without a container" }
        return nil
    }

    private static func ogg(in file: FileBytes, at start: Int64) throws(AudioFileError) -> AudioContent {
        guard let page = try OggPage(in: file, at: start) else { return .unrecognised }
        let packet = try file.bytes(at: page.bodyStart, count: 8)
        if packet.has("\u{1}vorbis", at: 0) { return .audio(.oggVorbis) }
        if packet.has("OpusHead", at: 0) { return .audio(.oggOpus) }
        if packet.has("\u{7F}FLAC", at: 0) { return .audio(.oggFLAC) }
        return .unsupported("Ogg with another codec than Vorbis, Opus or FLAC")
    }
}

extension [UInt8] {
    /// Whether these ASCII characters stand at `index`.
    func has(_ text: StaticString, at index: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, count >= index + length else { return false }
        return self[index..<(index + length)].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: length))
    }
}
