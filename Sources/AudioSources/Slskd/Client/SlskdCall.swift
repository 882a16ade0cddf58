import Foundation
import HTTPClient

/// One request to slskd.
struct SlskdCall: Sendable {
    /// The cause to assume for a failure.
    enum Subject: Sendable {
        case slskd
        /// slskd sends a request to a peer, which can be slow or offline.
        case peer
    }

    let method: HTTPMethod
    /// Relative to `/api/v0`, already encoded.
    let path: String
    var body: Data?
    var subject = Subject.slskd

    /// - Parameters:
    ///   - segments: Not encoded; each becomes one path segment.
    ///   - query: Names and values without special characters.
    init(_ method: HTTPMethod, _ segments: [String], query: String = "") {
        self.method = method
        path = segments.map(Self.encoded).joined(separator: "/") + (query.isEmpty ? "" : "?" + query)
    }

    func with(_ body: some Encodable) throws -> SlskdCall {
        var call = self
        call.body = try JSONEncoder().encode(body)
        return call
    }

    func about(_ subject: Subject) -> SlskdCall {
        var call = self
        call.subject = subject
        return call
    }

    private static func encoded(_ segment: String) -> String {
        var text = ""
        for byte in segment.utf8 {
            if isPlain(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += (digits.count == 1 ? "%0" : "%") + digits
            }
        }
        return text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
