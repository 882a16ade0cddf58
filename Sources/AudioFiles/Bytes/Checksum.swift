/// The cyclic redundancy checks of the formats: most significant bit first, with the initial value 0.
enum Checksum {
    private static let oggTable: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
        }
    }
    private static let flacFrameTable: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1 }
    }
    private static let flacHeaderTable: [UInt8] = (0..<256).map { byte in
        (0..<8).reduce(UInt8(byte)) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1 }
    }

    static func ogg(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(UInt32(0)) { $0 << 8 ^ oggTable[Int(UInt8($0 >> 24) ^ $1)] }
    }

    /// 0 for an intact FLAC frame that ends with its checksum.
    static func flacFrame(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(UInt16(0)) { $0 << 8 ^ flacFrameTable[Int(UInt8($0 >> 8) ^ $1)] }
    }

    /// 0 for an intact FLAC frame header that ends with its checksum.
    static func flacHeader(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.reduce(UInt8(0)) { flacHeaderTable[Int($0 ^ $1)] }
    }
}
