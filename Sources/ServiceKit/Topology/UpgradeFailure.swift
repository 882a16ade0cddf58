import AMQP

/// Why `hdm topology upgrade` stopped.
public struct UpgradeFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    static func unreadable(_ queue: String, _ delivery: Delivery, _ problem: DeliveryProblem) -> UpgradeFailure {
        let id = delivery.message.properties.messageID ?? "without an id"
        return UpgradeFailure(
            "the first message of \(queue) (\(id)) cannot be moved: \(problem); remove it with Get messages in the "
                + "management UI, and run `hdm topology upgrade` again")
    }

    static func held(_ queue: String) -> UpgradeFailure {
        UpgradeFailure(
            "a process holds messages of \(queue) that it has not settled; stop the services, and run "
                + "`hdm topology upgrade` again")
    }

    static func inUse(_ uses: [QueueUse], _ names: [String: [String]]) -> UpgradeFailure {
        let lines = uses.map { use in
            let clients = names[use.queue].map { " (\($0.sorted().joined(separator: ", ")))" } ?? ""
            let held = use.held.map { ", \($0) messages in hand" } ?? ""
            return "  \(use.queue): \(use.consumers) consumers\(clients)\(held)"
        }
        return UpgradeFailure(
            "services still use the queues; versions before this one know no pause, so stop them:\n"
                + lines.joined(separator: "\n"))
    }
}

/// How a queue is used at one moment.
public struct QueueUse: Sendable, Equatable {
    public var queue: String
    public var consumers: Int
    /// Messages that clients hold; `nil` when unknown.
    public var held: Int?
}
