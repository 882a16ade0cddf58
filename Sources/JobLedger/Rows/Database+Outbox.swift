import Contracts
import Databases
import Foundation
import GRDB

/// A message on its way into the outbox.
struct OutboxMessage {
    /// Stays the same at each attempt to publish the message.
    var id: String
    /// The job or the expansion; becomes the correlation id.
    var subject: JobID
    var batchID: String?
    var priority: Int
    var body: Data
    var traceparent: String?
    var route: OutboxRoute
}

extension Database {
    /// Puts a message about a job into the outbox.
    func enqueue(
        _ body: some Encodable, about job: JobDocument, _ route: OutboxRoute, traceparent: String?
    ) throws {
        try enqueue(try ContractCoding.encode(body), about: job, route, traceparent: traceparent)
    }

    /// Puts an encoded message about a job into the outbox.
    func enqueue(_ body: Data, about job: JobDocument, _ route: OutboxRoute, traceparent: String?) throws {
        try enqueue(
            OutboxMessage(
                id: UUID().uuidString.lowercased(), subject: job.jobID, batchID: job.batchID, priority: job.priority,
                body: body, traceparent: traceparent, route: route))
    }

    /// Puts a message into the outbox.
    func enqueue(_ message: OutboxMessage) throws {
        try cachedStatement(
            sql: """
                INSERT INTO outbox (
                    message_id, job_id, batch_id, priority, body, traceparent, exchange, routing_key, type, headers)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            message.id, message.subject.text, message.batchID, message.priority, message.body, message.traceparent,
            message.route.exchange, message.route.key, message.route.type, try message.route.storedHeaders,
        ])
    }
}
