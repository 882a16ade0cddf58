import Contracts
import Foundation

/// The id of a search of HDM: told from those of others, and from when on nobody waits for it any more.
///
/// So a search that its process could not delete is found and deleted by any other process, without a note of it.
struct SlskdSearchID: Sendable, Hashable {
    let id: UUID

    /// A new one.
    /// - Parameter until: when its search has ended for sure.
    init(until: Timestamp) {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes.replaceSubrange(0..<4, with: Self.mark)
        // Version 8 of RFC 9562: the layout is the owner's.
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let seconds = UInt32(clamping: Int64(until.date.timeIntervalSince1970))
        bytes.replaceSubrange(12..<16, with: withUnsafeBytes(of: seconds.bigEndian, Array.init))
        id = UUID(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
    }

    /// - Returns: `nil` for the id of somebody else's search.
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
