import Contracts
import Crypto
import Foundation

/// The identity of a transfer, computed from its order. A process that continues a job computes the same identity.
struct TransferIdentity: Sendable, Equatable {
    /// The id of slskd's batch.
    let batchID: UUID
    /// The transfer's own folder below slskd's downloads folder.
    let destination: String
    /// The transfer's own file name, without the extension.
    let stem: String

    /// - Parameters:
    ///   - round: Transfers of different rounds have different identities.
    ///   - number: The number of earlier orders of the round that slskd lost.
    init(_ candidate: Candidate, job: JobID, round: String, number: Int = 0) {
        let parts = [
            "hdm.transfer/1", job.description, candidate.user ?? "", candidate.path, "\(candidate.size)", round,
            "\(number)",
        ]
        var hash = SHA256()
        for part in parts {
            // With its length, so that different lists of parts never have the same bytes.
            hash.update(data: Data("\(part.utf8.count):".utf8))
            hash.update(data: Data(part.utf8))
        }
        let bytes = Array(hash.finalize())
        batchID = Self.uuid(bytes)
        let token = bytes[16..<24].map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        destination = "hdm/\(job)/\(token)"
        stem = "slskd-\(token)"
    }

    /// Returns the job of a destination; `nil` when it is not a folder of HDM.
    static func job(of destination: String) -> JobID? {
        let parts = destination.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "hdm", parts[2].utf8.count == 16, parts[2].utf8.allSatisfy(isHexadecimal)
        else { return nil }
        return JobID(String(parts[1]))
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// Creates a UUID of version 8, which allows private layouts.
    private static func uuid(_ bytes: [UInt8]) -> UUID {
        UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 0x0F | 0x80, bytes[7],
                bytes[8] & 0x3F | 0x80, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }
}
