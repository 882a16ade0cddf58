// The queues.
extension TopologyTable {
    private static let progressTTL: Int64 = 60_000
    private static let mostEvents: Int64 = 10_000

    /// How often a quorum queue delivers a message before it removes it. RabbitMQ 4.0 would do that after 20 deliveries.
    private static let deliveryLimit: Int64 = 1_000_000

    var queues: [QueueDeclaration] {
        deadLetterQueues + [recovery, intake] + work + [review, planner, audit] + tiers + events
            + QueueName.limitedProviders.map { budget(QueueName.budget($0)) }
    }

    private var deadLetterQueues: [QueueDeclaration] { QueueName.deadLetterQueues.map { durable($0) } }

    /// A ledger or lock is received and returned with every use.
    func budget(_ name: String) -> QueueDeclaration { durable(name) }

    private var intake: QueueDeclaration {
        deadLettering(QueueName.intake, to: RoutingKey.invalid("intake"))
    }

    /// Links to expand. Messages that violate the contract are dead-lettered as invalid.
    private var planner: QueueDeclaration {
        prioritised(deadLettering(QueueName.planner, to: RoutingKey.invalid("planner")))
    }

    private var review: QueueDeclaration { preserving(QueueName.review, as: "review") }

    /// Audit entries of the other services, published through the default exchange.
    private var audit: QueueDeclaration { preserving(QueueName.audit, as: "audit") }

    /// Copies of the dead letters and of messages that no queue matches.
    ///
    /// `hdm.dlx` would return a copy to this queue. At the limit it goes through the default exchange instead: the
    /// original may be gone with a deleted queue.
    private var recovery: QueueDeclaration {
        guard queueType == .quorum else { return durable(QueueName.recovery) }
        return deadLettering(QueueName.recovery, to: QueueName.invalid, through: "")
    }

    private var work: [QueueDeclaration] {
        Stage.allCases.flatMap { stage in
            QueueName.work(stage, queueType).map { name in
                prioritised(deadLettering(name, to: RoutingKey.broker(stage)))
            }
        }
    }

    /// Quorum queues have no `x-max-priority`.
    private func prioritised(_ queue: QueueDeclaration) -> QueueDeclaration {
        guard queueType == .classic else { return queue }
        var queue = queue
        queue.arguments["x-max-priority"] = .integer(9)
        return queue
    }

    /// The tiers do not change the routing key, so that a message returns to its stage.
    ///
    /// They are quorum queues on one host as well. A classic queue removes an expired message before the next queue has
    /// stored it, and a broker that is killed in that moment has lost the job.
    private var tiers: [QueueDeclaration] {
        RetryTier.allCases.map { tier in
            let milliseconds = Int64(tier.delay / .milliseconds(1))
            var arguments = Self.atLeastOnce
            arguments["x-message-ttl"] = .integer(milliseconds)
            arguments["x-dead-letter-exchange"] = .string(ExchangeName.jobs)
            return durable(tier.queue, arguments, .quorum)
        }
    }

    private var events: [QueueDeclaration] {
        [
            preserving(QueueName.gatewayEvents, as: "events"), bounded(QueueName.systemEvents),
            bounded(QueueName.progressEvents, ["x-message-ttl": .integer(Self.progressTTL)]),
        ]
    }

    /// Returns a queue whose messages can be lost and must not fill the broker: the oldest is dropped first.
    ///
    /// It is of the table's type as well, because a classic queue cannot be declared or used while its node is down.
    private func bounded(_ name: String, _ arguments: [String: TopologyArgument] = [:]) -> QueueDeclaration {
        durable(name, arguments.merging(["x-max-length": .integer(Self.mostEvents)]) { own, _ in own })
    }

    /// Returns a queue with the only copy of its messages.
    ///
    /// A classic queue delivers a message without a limit and dead-letters none by itself. A quorum queue dead-letters
    /// it at the limit, as invalid.
    private func preserving(_ name: String, as place: String) -> QueueDeclaration {
        guard queueType == .quorum else { return durable(name) }
        return deadLettering(name, to: RoutingKey.invalid(place))
    }

    private func deadLettering(
        _ name: String, to key: String, through exchange: String = ExchangeName.deadLetters
    ) -> QueueDeclaration {
        var arguments = queueType == .quorum ? Self.atLeastOnce : [:]
        arguments["x-dead-letter-exchange"] = .string(exchange)
        arguments["x-dead-letter-routing-key"] = .string(key)
        return durable(name, arguments)
    }

    /// With these arguments a quorum queue keeps an expired message until the next queue has confirmed it.
    private static let atLeastOnce: [String: TopologyArgument] = [
        "x-dead-letter-strategy": .string("at-least-once"), "x-overflow": .string("reject-publish"),
    ]

    private func durable(_ name: String, _ arguments: [String: TopologyArgument] = [:]) -> QueueDeclaration {
        durable(name, arguments, queueType)
    }

    /// The type is written out: a vhost can have another default.
    private func durable(
        _ name: String, _ arguments: [String: TopologyArgument], _ type: QueueType
    ) -> QueueDeclaration {
        var queue = QueueDeclaration(name: name, arguments: arguments)
        queue.arguments["x-queue-type"] = .string(type.rawValue)
        if type == .quorum { queue.arguments["x-delivery-limit"] = .integer(Self.deliveryLimit) }
        return queue
    }
}
