import Contracts
import Foundation

extension Timestamp {
    /// Milliseconds since 1970, as the database keeps moments.
    var milliseconds: Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(Date(timeIntervalSince1970: Double(milliseconds) / 1000)) }
}
