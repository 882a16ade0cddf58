import Contracts
import Databases
public import Foundation
import GRDB

/// A message that waits to be published.
public struct OutboxEntry: Sendable, Equatable {
    var number: Int64
    /// The same at each attempt, so that a receiver recognises a repetition.
    public var messageID: String
    /// The correlation id: the job, or the expansion of a link.
    public var jobID: String
    public var batchID: String?
    public var priority: Int
    public var body: Data
    public var traceparent: String?
    public var route: OutboxRoute

    init(_ row: Row) throws {
        number = try row.value("number")
        messageID = try row.value("message_id")
        jobID = try row.value("job_id")
        batchID = try row.optionalValue("batch_id")
        priority = try row.value("priority")
        body = try row.value("body")
        traceparent = try row.optionalValue("traceparent")
        route = try OutboxRoute(row) ?? .newJob(priority: priority, traceparent: traceparent)
    }
}

extension OutboxEntry {
    /// What the outbox does with an entry.
    public enum Purpose: Sendable, Equatable {
        case publish
        /// Write the marker file of a cancelled generation.
        case markCancelled(CancelledGeneration)
        /// An order of an earlier version that has no effect any more.
        case drop
    }

    public var purpose: Purpose {
        switch route.type {
        case OutboxRoute.cancelMarker.type: break
        case OutboxRoute.formerCancelType where isFormerCancellation: break
        case OutboxRoute.formerCancelType: return .drop
        default: return .publish
        }
        let cancelled = try? ContractCoding.decode(CancelledGeneration.self, from: body)
        return cancelled.map(Purpose.markCancelled) ?? .drop
    }

    private var isFormerCancellation: Bool {
        (try? ContractCoding.decode(JSONValue.self, from: body))?["order"] == "cancel"
    }
}

extension OutboxRoute {
    /// Reads the route of a row. The row of a new job has none, which saves space in large batches.
    fileprivate init?(_ row: Row) throws {
        guard let exchange = try row.optionalValue("exchange", as: String.self) else { return nil }
        let headers = try row.optionallyDecoded("headers") {
            try ContractCoding.decode([String: JSONValue].self, from: $0)
        }
        self.init(
            exchange: exchange, key: try row.value("routing_key"), type: try row.value("type"), headers: headers ?? [:])
    }

    /// The headers as they are stored.
    var storedHeaders: String {
        get throws { String(decoding: try ContractCoding.encode(headers), as: UTF8.self) }
    }
}

/// A row of the outbox that cannot be read.
public struct DamagedOutboxRow: Sendable, Equatable {
    public var number: Int64
    public var job: String?
    /// The column, and what is wrong with it.
    public var problem: String
}
