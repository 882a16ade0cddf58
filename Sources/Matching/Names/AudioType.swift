import Contracts

/// The type of a file by its extension.
enum AudioType: Int, Sendable {
    case lossless, mp3, m4a, lossy, other

    /// - Parameter letters: The extension without the dot.
    init(_ letters: Slice<UnsafeBufferPointer<UInt8>>) {
        let id: WordID = letters.count <= 8 ? letters.reduce(0) { $0 << 8 | WordID(Self.lowered($1)) } : 0
        self = Self.places[id].map { Self.types[$0] } ?? .other
    }

    private static func lowered(_ letter: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 : letter
    }

    private init(_ name: AudioFileExtension) {
        self =
            switch name.encoding {
            case .lossless: .lossless
            case .lossy: name == .mp3 ? .mp3 : .lossy
            case .either: .m4a
            }
    }

    private static let types = AudioFileExtension.allCases.map { AudioType($0) }

    private static let places = AudioFileExtension.allCases.enumerated().reduce(into: WordTable()) { table, next in
        table.insert(WordID(next.element.rawValue), next.offset)
    }
}
