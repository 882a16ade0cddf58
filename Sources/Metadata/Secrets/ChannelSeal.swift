public import Contracts
import Crypto
public import Foundation

/// Shows that a request comes from a service with the secrets' key, now, and not from somebody who has overheard one.
///
/// It goes with the request as headers. What it is about (path and body) is signed; the time and the nonce make it good
/// once.
public struct ChannelSeal: Sendable, Equatable {
    public let keyID: String
    public let time: Timestamp
    public let nonce: String
    public let signature: Data

    /// How far the clocks of two services may be apart.
    public static let patience = Duration.seconds(120)

    private static let names = (key: "X-HDM-Key", time: "X-HDM-Time", nonce: "X-HDM-Nonce", mark: "X-HDM-Signature")

    /// Seals a request.
    public init(_ path: String, _ body: Data, key: SecretKey, now: Timestamp) {
        keyID = key.id
        time = now
        nonce = Nonce.make()
        signature = key.signature(of: Self.text(path, body, key.id, now, nonce))
    }

    /// Reads the headers of a request; `nil` when one of them is missing or malformed.
    public init?(_ header: (String) -> String?) {
        guard let keyID = header(Self.names.key), let time = header(Self.names.time).flatMap({ Timestamp($0) }),
            let nonce = header(Self.names.nonce), (16...64).contains(nonce.utf8.count),
            let signature = header(Self.names.mark).flatMap({ Data(hexadecimal: $0) })
        else { return nil }
        self.keyID = keyID
        self.time = time
        self.nonce = nonce
        self.signature = signature
    }

    /// The headers, by name.
    public var headers: [(name: String, value: String)] {
        [
            (Self.names.key, keyID), (Self.names.time, time.description), (Self.names.nonce, nonce),
            (Self.names.mark, signature.hexadecimal),
        ]
    }

    /// Whether the seal is right and fresh. That its nonce was not seen before is for the caller to find out.
    public func isValid(for path: String, _ body: Data, key: SecretKey, now: Timestamp) -> Bool {
        let age = now.since(time)
        guard age <= Self.patience, age >= .zero - Self.patience else { return false }
        return key.isSignature(signature, of: Self.text(path, body, keyID, time, nonce))
    }

    private static func text(
        _ path: String, _ body: Data, _ keyID: String, _ time: Timestamp, _ nonce: String
    ) -> String {
        let digest = Data(SHA256.hash(data: body)).hexadecimal
        return ["hdm.request/1", path, keyID, time.description, nonce, digest].joined(separator: "\n")
    }
}

extension ChannelSeal {
    /// Seals the answer to this request: it opens for nobody without the key, and as the answer to no other request.
    /// - Throws: ``SecretKeyError``.
    public func sealed(_ answer: Data, key: SecretKey) throws(SecretKeyError) -> Data {
        try key.seal(answer, as: "answer/\(nonce)", for: .channel)
    }

    /// Opens the answer to this request.
    /// - Throws: ``SecretKeyError``.
    public func opened(_ answer: Data, key: SecretKey) throws(SecretKeyError) -> Data {
        try key.open(answer, as: "answer/\(nonce)", for: .channel)
    }
}
