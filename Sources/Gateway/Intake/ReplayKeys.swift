import AMQP
import Contracts
import Files
import Foundation
import JobLedger
import ServiceKit

/// Reads the idempotency keys of submissions.
struct ReplayKeys: Sendable {
    let limits: AdmissionLimits
    /// The broker user of the planner.
    let plannerUser: String

    /// The header of a strict key, over HTTP and AMQP.
    static let header = "Idempotency-Key"
    /// The lengths of a key, in bytes of UTF-8.
    static let lengths = 1...255
    /// The submissions that the planner repeats: the first part of their keys.
    private static let plannerKinds: Set<Substring> = ["expansion", "watch", "backfill"]

    /// Returns the key of a request over HTTP.
    /// - Parameter client: Separates the keys of different clients.
    func key(_ key: String, of client: String, body: Data) -> ReplayKey {
        ReplayKey(key, scope: client, bodyHash: Self.hash(body), origin: .publisher, lifetime: limits.responsesFor)
    }

    /// Returns the key of a message: its header `idempotency-key`, else its message id.
    /// - Throws: `ContractViolation` for a header that is no key.
    func key(of delivery: Delivery) throws(ContractViolation) -> ReplayKey? {
        let message = delivery.message
        guard let header = message.properties.headers[Self.header.lowercased()] else {
            return message.properties.messageID.map {
                ReplayKey(
                    $0, scope: "amqp", bodyHash: Self.hash(message.body),
                    origin: .message(redelivered: delivery.redelivered), lifetime: limits.responsesFor)
            }
        }
        guard let key = header.stringValue, Self.lengths.contains(key.utf8.count) else {
            throw ContractViolation(
                path: "", problem: "has a header \(Self.header.lowercased()) that is no text of 1 to 255 bytes")
        }
        // The broker checks the user of a message, so publishers cannot use the keys of other users.
        let user = message.properties.userID ?? ""
        let isPlanners = isPlanner(delivery) && Self.isPlannerKey(key)
        return ReplayKey(
            key, scope: "amqp-key/\(user)", bodyHash: Self.hash(message.body), origin: .publisher,
            lifetime: isPlanners ? limits.plannerResponsesFor : limits.responsesFor)
    }

    /// Whether the broker vouches that the planner published the message.
    func isPlanner(_ delivery: Delivery) -> Bool {
        !plannerUser.isEmpty && delivery.message.properties.userID == plannerUser
    }

    private static func isPlannerKey(_ key: String) -> Bool {
        let parts = key.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 3 && plannerKinds.contains(parts[0])
    }

    private static func hash(_ body: Data) -> String {
        var hash = ContentHash()
        hash.update(body)
        return hash.hexadecimal
    }
}
