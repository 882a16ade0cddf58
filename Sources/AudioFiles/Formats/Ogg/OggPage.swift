/// The header of one Ogg page.
struct OggPage {
    let offset: Int64
    let isFirst: Bool
    let isLast: Bool
    let granule: Int64
    let serial: UInt32
    let sequence: UInt32
    let checksum: UInt32
    /// The lengths of the pieces of packets. A piece shorter than 255 ends its packet.
    let lacing: [UInt8]

    var bodyStart: Int64 { offset + 27 + Int64(lacing.count) }
    var end: Int64 { bodyStart + lacing.reduce(Int64(0)) { $0 + Int64($1) } }

    /// Returns `nil` when no page begins at `offset`, or when the file ends within its header.
    init?(in file: FileBytes, at offset: Int64) throws(AudioFileError) {
        let head = try file.bytes(at: offset, count: 27 + 255)
        guard head.count >= 27, head.has("OggS", at: 0), head[4] == 0, head.count >= 27 + Int(head[26]) else {
            return nil
        }
        self.offset = offset
        isFirst = head[5] & 2 != 0
        isLast = head[5] & 4 != 0
        granule = Int64(bitPattern: Self.number(head[6..<14]))
        serial = UInt32(truncatingIfNeeded: Self.number(head[14..<18]))
        sequence = UInt32(truncatingIfNeeded: Self.number(head[18..<22]))
        checksum = UInt32(truncatingIfNeeded: Self.number(head[22..<26]))
        lacing = Array(head[27..<(27 + Int(head[26]))])
    }

    /// Whether the page has the checksum that it states.
    func isIntact(in file: FileBytes) throws(AudioFileError) -> Bool {
        var bytes = try file.bytes(at: offset, count: Int(end - offset))
        guard bytes.count == Int(end - offset) else { return false }
        for index in 22..<26 { bytes[index] = 0 }
        return Checksum.ogg(bytes) == checksum
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
}
