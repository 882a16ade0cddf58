import Contracts
import Foundation

/// The id of a search of HDM. It contains a mark of HDM and the time at which the search expires.
///
/// So any process can find and delete the searches of a killed process without further records.
struct SlskdSearchID: Sendable, Hashable {
    let id: UUID

    /// Creates a new id.
    /// - Parameter until: The time at which the search has certainly ended.
    init(until: Timestamp) {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes.replaceSubrange(0..<4, with: Self.mark)
        // Version 8 of RFC 9562 allows a private layout.
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let seconds = UInt32(clamping: Int64(until.date.timeIntervalSince1970))
        bytes.replaceSubrange(12..<16, with: withUnsafeBytes(of: seconds.bigEndian, Array.init))
        id = UUID(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
    }

    /// Reads an id; `nil` when it is not from HDM.
    init?(_ id: UUID) {
        let bytes = Self.bytes(id)
        guard bytes[0..<4].elementsEqual(Self.mark), bytes[6] >> 4 == 8 else { return nil }
        self.id = id
    }

    var until: Timestamp {
        let seconds = Self.bytes(id)[12...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Timestamp(Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    private static let mark: [UInt8] = Array("HDMs".utf8)

    private static func bytes(_ id: UUID) -> [UInt8] { withUnsafeBytes(of: id.uuid, Array.init) }
}
