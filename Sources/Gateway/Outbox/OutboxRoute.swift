import AMQP
import Contracts
import Foundation
import GRDB
import ServiceKit

/// Where a message goes, and as what.
struct OutboxRoute: Sendable, Equatable {
    var exchange: String
    var key: String
    /// The `type` property.
    var type: String
    var headers: FieldTable = [:]

    /// A job on its way to a stage.
    static func job(_ job: JobDocument, to stage: Stage, _ envelope: JobEnvelope) -> OutboxRoute {
        OutboxRoute(
            exchange: ExchangeName.jobs, key: RoutingKey.job(stage, priority: job.priority), type: MessageType.job,
            headers: envelope.headers)
    }

    static func event(_ event: JobEvent) -> OutboxRoute {
        OutboxRoute(exchange: ExchangeName.events, key: event.routingKey, type: MessageType.event)
    }
}

// MARK: - In the database

extension OutboxRoute {
    /// `nil` for a new job, which has no route.
    init?(_ row: Row) {
        guard let exchange = row["exchange"] as String?, let key = row["routing_key"] as String?,
            let type = row["type"] as String?
        else { return nil }
        let stored = (row["headers"] as String?).flatMap {
            try? ContractCoding.decode([String: JSONValue].self, from: Data($0.utf8))
        }
        let headers = (stored ?? [:]).compactMapValues { value -> FieldValue? in
            value.integerValue.map { .integer($0) } ?? value.stringValue.map { .string($0) }
        }
        self.init(exchange: exchange, key: key, type: type, headers: headers)
    }

    /// The headers as they are stored: an envelope's are texts and whole numbers.
    var storedHeaders: String {
        get throws {
            let values = headers.compactMapValues { value -> JSONValue? in
                switch value {
                case .integer(let number): .integer(number)
                case .string(let text): .string(text)
                default: nil
                }
            }
            return String(decoding: try ContractCoding.encode(values), as: UTF8.self)
        }
    }
}
