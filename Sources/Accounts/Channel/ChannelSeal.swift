import Contracts
import Crypto
import Foundation

/// The signature of a request between services. It proves that the sender has the secrets' key.
///
/// It is sent in headers. It covers the path, the body, the time and a nonce, so that a recorded request is useless.
struct ChannelSeal: Sendable, Equatable {
    let keyID: String
    let time: Timestamp
    let nonce: String
    let signature: Data

    /// The largest accepted difference between the clocks of two services.
    static let validity = Duration.seconds(120)

    private static let names = (
        key: "X-HDM-Key", time: "X-HDM-Time", nonce: "X-HDM-Nonce", signature: "X-HDM-Signature"
    )

    /// Signs a request.
    init(_ path: String, _ body: Data, key: SecretKey, now: Timestamp) {
        keyID = key.id
        time = now
        nonce = Nonce.make()
        signature = key.signature(of: Self.signedText(path, body, key.id, now, nonce))
    }

    /// Reads the headers of a request; `nil` when one of them is missing or malformed.
    /// - Parameter header: Returns the value of a header.
    init?(_ header: (String) -> String?) {
        guard let keyID = header(Self.names.key), let time = header(Self.names.time).flatMap({ Timestamp($0) }),
            let nonce = header(Self.names.nonce), (16...64).contains(nonce.utf8.count),
            let signature = header(Self.names.signature).flatMap({ Data(hexadecimal: $0) })
        else { return nil }
        self.keyID = keyID
        self.time = time
        self.nonce = nonce
        self.signature = signature
    }

    /// The headers, by name.
    var headers: [(name: String, value: String)] {
        [
            (Self.names.key, keyID), (Self.names.time, time.description), (Self.names.nonce, nonce),
            (Self.names.signature, signature.hexadecimal),
        ]
    }

    /// Whether the signature is valid and fresh. The caller checks that the nonce was not used before.
    func isValid(for path: String, _ body: Data, key: SecretKey, now: Timestamp) -> Bool {
        let age = now.since(time)
        guard age <= Self.validity, age >= .zero - Self.validity else { return false }
        return key.isSignature(signature, of: Self.signedText(path, body, keyID, time, nonce))
    }

    private static func signedText(
        _ path: String, _ body: Data, _ keyID: String, _ time: Timestamp, _ nonce: String
    ) -> String {
        let digest = Data(SHA256.hash(data: body)).hexadecimal
        return ["hdm.request/1", path, keyID, time.description, nonce, digest].joined(separator: "\n")
    }
}

extension ChannelSeal {
    /// Seals the response to this request. It opens only with the key, and only as the response to this request.
    /// - Throws: ``SecretKeyError``.
    func sealed(_ reply: Data, key: SecretKey) throws(SecretKeyError) -> Data {
        try key.seal(reply, as: "answer/\(nonce)", for: .channel)
    }

    /// Opens the response to this request.
    /// - Throws: ``SecretKeyError``.
    func opened(_ reply: Data, key: SecretKey) throws(SecretKeyError) -> Data {
        try key.open(reply, as: "answer/\(nonce)", for: .channel)
    }
}
