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
