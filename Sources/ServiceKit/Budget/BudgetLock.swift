import AMQP
import Contracts
import Foundation

/// The right to replace a ledger (`contracts/schemas/budget-turn.schema.json`).
struct BudgetLock: Codable, Sendable {
    var schema = "hdm.budget-turn/1"
    /// By the system's clock.
    var madeAt: Timestamp = .now

    enum CodingKeys: String, CodingKey {
        case schema
        case madeAt = "made_at"
    }
}

extension Delivery {
    /// When a lock was created; 1970 if the message does not contain the time.
    var lockMadeAt: Timestamp {
        let lock = try? ContractCoding.decode(BudgetLock.self, from: message.body)
        return lock?.madeAt ?? Timestamp(Date(timeIntervalSince1970: 0))
    }
}
