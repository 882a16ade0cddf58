import Crypto
import Foundation

/// The name under which an answer is kept, to be given again to the same submission.
struct ReplayKey: Sendable, Equatable {
    /// Who named the submission.
    enum Origin: Sendable, Equatable {
        /// The client, on purpose: another body under the same name is a conflict.
        case client
        /// The message's id. Only a message that the broker hands out again is a repetition; publishers may use an id
        /// twice.
        case message(redelivered: Bool)
    }

    let key: String
    /// SHA-256 of the submission, lower-case hexadecimal.
    let bodyHash: String
    let origin: Origin

    /// - Parameter scope: keeps apart what different clients call by the same name.
    init(_ key: String, scope: String, body: Data, origin: Origin) {
        self.key = "\(scope):\(key)"
        self.origin = origin
        bodyHash = SHA256.hash(data: body).hexadecimal
    }

    /// Whether an earlier answer may be given again.
    var mayReplay: Bool { origin != .message(redelivered: false) }
}

extension Digest {
    /// Lower-case hexadecimal.
    var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
