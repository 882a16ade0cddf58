import Crypto
import Foundation

extension AccessToken {
    /// Tells tokens apart without showing them: SHA-256, as hexadecimal.
    public var digest: String { Data(SHA256.hash(data: Data(text.utf8))).hexadecimal }
}
