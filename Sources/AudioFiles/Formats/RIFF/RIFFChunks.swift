/// The chunks of a WAV or AIFF file.
struct RIFFChunks {
    enum Order { case bigEndian, littleEndian }

    /// The end that the outer header states. It may be beyond the end of the file.
    private(set) var statedEnd: Int64 = 0
    /// The name, and the range that the header of the chunk states.
    private(set) var chunks: [(name: String, content: Range<Int64>)] = []

    init(in file: FileBytes, order: Order) throws(AudioFileError) {
        let start = try ID3v2Header.end(in: file)
        guard let size = try Self.number(in: file, at: start + 4, order) else { return }
        statedEnd = start + 8 + size
        var offset = start + 12
        // Files have about a dozen. A file with more than these is hostile.
        while chunks.count < 10_000, let size = try Self.number(in: file, at: offset + 4, order) {
            let name = String(decoding: try file.bytes(at: offset, count: 4), as: UTF8.self)
            chunks.append((name, (offset + 8)..<(offset + 8 + size)))
            // Chunks begin at even offsets.
            offset += 8 + size + (size & 1)
        }
    }

    /// Returns the ranges of all chunks with a name.
    func named(_ name: String) -> [Range<Int64>] {
        chunks.filter { $0.name == name }.map(\.content)
    }

    private static func number(in file: FileBytes, at offset: Int64, _ order: Order) throws(AudioFileError) -> Int64? {
        switch order {
        case .bigEndian: try file.bigEndian(at: offset, count: 4).map { Int64($0) }
        case .littleEndian: try file.littleEndian(at: offset, count: 4).map { Int64($0) }
        }
    }
}
