import AMQP
import Contracts
import Foundation

/// The right to replace a ledger (`contracts/schemas/budget-turn.schema.json`).
struct BudgetTurn: Codable, Sendable {
    var schema = "hdm.budget-turn/1"
    /// By the system's clock.
    var madeAt: Timestamp = .now

    enum CodingKeys: String, CodingKey {
        case schema
        case madeAt = "made_at"
    }
}

extension Delivery {
    /// When a turn was made; long ago when it does not say.
    var turnMadeAt: Timestamp {
        let turn = try? ContractCoding.decode(BudgetTurn.self, from: message.body)
        return turn?.madeAt ?? Timestamp(Date(timeIntervalSince1970: 0))
    }
}
